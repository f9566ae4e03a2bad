"""Runs Quorate and etcd in turn under the same load and writes down how they compare. Started by etcd.sh."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
QUORATE = str(ROOT / "quorate")
NODES = 3
START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 60

# (metric, unit, target for Quorate / etcd, whether larger is better); the targets are those of the project.
TARGETS = {
    "put: server CPU": ("µs/op", 0.6, False),
    "put: throughput": ("op/s", 1.2, True),
    "put: p99": ("ms", 0.8, False),
    "one client put: p50": ("ms", 0.8, False),
    "range: server CPU": ("µs/op", 0.4, False),
    "range: throughput": ("op/s", 1.3, True),
    "many watchers: server CPU": ("µs/op", 0.6, False),
    "prefix watchers: server CPU": ("µs/op", 0.6, False),
    "many keys: memory at rest": ("MiB", 0.8, False),
    "many keys: disk": ("MiB", 0.8, False),
    "many keys: restart": ("s", 0.25, False),
}


def say(text):
    print(text, file=sys.stderr, flush=True)


class Cluster:
    """Three nodes on loopback in a directory of their own."""

    def __init__(self, directory, base_port):
        self.directory = pathlib.Path(directory)
        self.base_port = base_port
        self.urls = [f"http://127.0.0.1:{base_port + 10 * k}" for k in range(NODES)]

    def wait_until_served(self):
        """A linearizable read through each node; all three are asked at once."""
        reads = [
            subprocess.Popen(
                [QUORATE, "get", "ready", "--endpoints", url, "--timeout-seconds", str(START_TIMEOUT_S)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for url in self.urls]
        if any([read.wait(START_TIMEOUT_S + 30) for read in reads]):
            raise RuntimeError(f"{self.name} did not serve within {START_TIMEOUT_S} s")

    def bench(self, *arguments):
        command = [QUORATE, "bench", *arguments, "--endpoints", ",".join(self.urls), "--pids", ",".join(map(str, self.pids())), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=1800)
        if not done.stdout:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout)

    def memory_mib(self, field="VmRSS"):
        total = 0
        for pid in self.pids():
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            total += int(re.search(rf"^{field}:\s+(\d+) kB", status, re.M)[1])
        return total / 1024

    def disk_mib(self):
        """What the file system gave them, all nodes together: preallocated space counts."""
        files = (path for path in self.directory.rglob("*") if path.is_file())
        return sum(path.stat().st_blocks * 512 for path in files) / 1024 / 1024


class Etcd(Cluster):
    name = "etcd"
    processes = ()

    def start(self):
        peers = [f"http://127.0.0.1:{self.base_port + 10 * k + 1}" for k in range(NODES)]
        initial = ",".join(f"e{k + 1}={peer}" for k, peer in enumerate(peers))
        self.processes = [
            subprocess.Popen(
                ["etcd", "--name", f"e{k + 1}", "--data-dir", str(self.directory / f"e{k + 1}"), "--log-level", "error",
                 "--listen-client-urls", self.urls[k], "--advertise-client-urls", self.urls[k],
                 "--listen-peer-urls", peers[k], "--initial-advertise-peer-urls", peers[k], "--initial-cluster", initial,
                 "--quota-backend-bytes", str(8 << 30)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            for k in range(NODES)]
        self.wait_until_served()

    def pids(self):
        return [process.pid for process in self.processes]

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = ()


class Quorate(Cluster):
    name = "quorate"

    def start(self):
        up = subprocess.Popen(
            [QUORATE, "up", "--detach", "--data-dir", str(self.directory), "--client-port", str(self.base_port),
             "--peer-port", str(self.base_port + 1), "--port-step", "10", "--wait-seconds", str(START_TIMEOUT_S),
             "--", "--quota-backend-bytes", str(8 << 30)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.wait_until_served()
        _, error = up.communicate(timeout=START_TIMEOUT_S)
        if up.returncode:
            raise RuntimeError(error)

    def pids(self):
        return [node["pid"] for node in json.loads((self.directory / "cluster.json").read_text())["nodes"]]

    def stop(self):
        if (self.directory / "cluster.json").exists():
            subprocess.run([QUORATE, "down", "--data-dir", str(self.directory), "--wait-seconds", str(STOP_TIMEOUT_S)],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=2 * STOP_TIMEOUT_S)


def measure_load(cluster, times):
    common = ["--conns", "100", "--clients", "1000", *times]
    put = cluster.bench("put", *common)
    single = cluster.bench("put", "--conns", "1", "--clients", "1", "--leader-only", *times)
    read = cluster.bench("range", "--keys", "1", *common)
    return {
        "put: server CPU": put["serverCpuUsPerOperation"],
        "put: throughput": put["operationsPerSecond"],
        "put: p50": put["p50Ms"],
        "put: p99": put["p99Ms"],
        "put: errors": put["errors"],
        "one client put: p50": single["p50Ms"],
        "one client put: p99": single["p99Ms"],
        "range: server CPU": read["serverCpuUsPerOperation"],
        "range: throughput": read["operationsPerSecond"],
        "range: p50": read["p50Ms"],
        "range: p99": read["p99Ms"],
        "range: errors": read["errors"],
        "client CPU in put": put["clientCpuUsPerOperation"],
    }


def measure_watch(cluster, times, watchers):
    common = ["--conns", "100", "--rate", "1000", *times]
    many = cluster.bench("watch", "--watchers", str(watchers), "--keys", str(watchers), *common)
    prefix = cluster.bench("watch", "--watchers", "100", "--watch-prefix", *common)
    return {
        "many watchers: server CPU": many["serverCpuUsPerOperation"],
        "many watchers: p50": many["p50Ms"],
        "many watchers: p99": many["p99Ms"],
        "many watchers: lost or out of order": many["watch"]["lost"] + many["watch"]["outOfOrder"],
        "prefix watchers: server CPU": prefix["serverCpuUsPerOperation"],
        "prefix watchers: p50": prefix["p50Ms"],
        "prefix watchers: p99": prefix["p99Ms"],
        "prefix watchers: lost or out of order": prefix["watch"]["lost"] + prefix["watch"]["outOfOrder"],
    }


def measure_size(cluster, keys, rest_s):
    load = cluster.bench("put", "--sequential-keys", "--keys", str(keys), "--total", str(keys), "--conns", "100", "--clients", "1000", "--warmup-seconds", "0")
    time.sleep(rest_s)
    memory, peak, disk = cluster.memory_mib(), cluster.memory_mib("VmHWM"), cluster.disk_mib()
    cluster.stop()
    began = time.monotonic()
    cluster.start()
    return {
        "many keys: load": load["seconds"],
        "many keys: memory at rest": memory,
        "many keys: peak memory": peak,
        "many keys: disk": disk,
        "many keys: restart": time.monotonic() - began,
    }


def run_once(system, options, measure):
    directory = tempfile.mkdtemp(prefix=f"bench-{system.name}-", dir=options.dir)
    cluster = system(directory, options.port)
    try:
        cluster.start()
        return measure(cluster)
    finally:
        cluster.stop()
        shutil.rmtree(directory, ignore_errors=True)


def run_pairs(name, pairs, options, measure, results):
    for pair in range(pairs):
        # Each goes first as often as the other: what the machine does meanwhile hits both.
        for system in (Etcd, Quorate) if pair % 2 == 0 else (Quorate, Etcd):
            began = time.monotonic()
            say(f"{name}: pair {pair + 1} of {pairs}, {system.name} …")
            for metric, value in run_once(system, options, measure).items():
                results.setdefault(metric, {"etcd": [], "quorate": []})[system.name].append(value)
            say(f"    {time.monotonic() - began:.0f} s")


def describe_machine(options):
    cpu = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", pathlib.Path("/proc/meminfo").read_text(), re.M)
    file_system = subprocess.run(["stat", "-f", "-c", "%T", options.dir], stdout=subprocess.PIPE, text=True).stdout.strip()
    etcd = subprocess.run(["etcd", "--version"], stdout=subprocess.PIPE, text=True).stdout.splitlines()[0]
    quorate = subprocess.run([QUORATE, "--version"], stdout=subprocess.PIPE, text=True).stdout.strip()
    return {
        "cpu": cpu[1] if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "memoryMiB": int(memory[1]) // 1024,
        "kernel": platform.release(),
        "fileSystem": file_system,
        "loadAverage": list(os.getloadavg()),
        "etcd": etcd,
        "quorate": quorate,
        "options": vars(options),
    }


def table(results):
    lines = ["| metric | etcd: median (range) | Quorate: median (range) | ratio | target |", "|---|---|---|---|---|"]
    for metric, values in results.items():
        medians = {system: statistics.median(values[system]) for system in values}
        unit, target, larger = TARGETS.get(metric, ("", None, False))
        ratio = medians["quorate"] / medians["etcd"] if medians["etcd"] else None
        verdict = ""
        if target is not None and ratio is not None:
            holds = ratio >= target if larger else ratio <= target
            verdict = f"{'≥' if larger else '≤'} {target} {'holds' if holds else 'missed'}"
        cells = [f"{medians[s]:.2f} ({min(values[s]):.2f}–{max(values[s]):.2f}) {unit}".strip() for s in ("etcd", "quorate")]
        lines.append(f"| {metric} | {cells[0]} | {cells[1]} | {'–' if ratio is None else f'{ratio:.2f}'} | {verdict} |")
    return "\n".join(lines)


def write(results, machine, options):
    now = datetime.datetime.now()
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    name = now.strftime("%Y-%m-%d-%H%M") + ("-short" if options.short else "")
    (out / f"{name}.json").write_text(json.dumps({"date": now.isoformat(timespec="seconds"), "machine": machine, "results": results}, indent=2) + "\n")
    head = f"""# Quorate and etcd, {now:%Y-%m-%d %H:%M}

{machine['cpu']}, {machine['cores']} cores, {machine['memoryMiB']} MiB, Linux {machine['kernel']}, {machine['fileSystem']};
load average at the start {', '.join(f'{load:.1f}' for load in machine['loadAverage'])}.
{machine['etcd']}; Quorate {machine['quorate']}. Three nodes and the client on this machine, 256-byte values.
"Many watchers" are {machine['watchers']} on as many keys over 100 streams at 1000 puts a second, "prefix watchers" 100 on one prefix;
"many keys" are {machine['keys']}, looked at {machine['restSeconds']} s after they were written.
Each load was measured for {options.seconds:g} s after {options.warmup_seconds:g} s of itself. CPU is that of all three server processes
together. Ratios are Quorate / etcd, of the medians.

"""
    (out / f"{name}.md").write_text(head + table(results) + "\n")
    say(f"written to {out / name}.md and .json")


def main():
    parser = argparse.ArgumentParser(prog="bench/etcd.sh", description="Compares three nodes of Quorate with three nodes of etcd under the same load.")
    parser.add_argument("--short", action="store_true", help="one pair, a few seconds each, 50 000 keys; a minute or two")
    parser.add_argument("--pairs", type=int, default=5, help="interleaved pairs (5)")
    parser.add_argument("--size-pairs", type=int, default=1, help="pairs of the run with a million keys (1)")
    parser.add_argument("--seconds", type=float, default=10, help="how long each load is measured (10)")
    parser.add_argument("--warmup-seconds", type=float, default=10, help="how long each load runs before that, with both alike (10)")
    parser.add_argument("--workloads", default="load,watch,size", help="which of load, watch, size")
    parser.add_argument("--port", type=int, default=24790, help="the first port; five more, up to 21 higher, are used too (24790)")
    parser.add_argument("--dir", default=tempfile.gettempdir(), help="where data goes; a disk, not tmpfs")
    parser.add_argument("--out", default=str(ROOT / "bench" / "results"), help="where results go")
    options = parser.parse_args()
    if options.short:
        options.pairs, options.size_pairs = 1, 1
        options.seconds, options.warmup_seconds = min(options.seconds, 4), min(options.warmup_seconds, 4)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    watchers, keys, rest_s = (2_000, 50_000, 5) if options.short else (10_000, 1_000_000, 60)
    machine = describe_machine(options) | {"watchers": watchers, "keys": keys, "restSeconds": rest_s}
    if machine["fileSystem"] == "tmpfs":
        say(f"warning: {options.dir} is in memory: flushing costs nothing there, and the figures say little; use --dir")
    times = ["--seconds", str(options.seconds), "--warmup-seconds", str(options.warmup_seconds)]
    results = {}
    wanted = options.workloads.split(",")
    try:
        if "load" in wanted:
            run_pairs("load", options.pairs, options, lambda cluster: measure_load(cluster, times), results)
        if "watch" in wanted:
            run_pairs("watch", options.pairs, options, lambda cluster: measure_watch(cluster, times, watchers), results)
        if "size" in wanted:
            run_pairs("size", options.size_pairs, options, lambda cluster: measure_size(cluster, keys, rest_s), results)
    except KeyboardInterrupt:
        return 130
    print(table(results))
    write(results, machine, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
