#!/usr/bin/env bash
# Builds everything once and runs every test. ./test [NAME…] runs only the test projects whose name contains a NAME.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only when nothing failed.
set -u
cd "$(dirname "$(readlink -f "$0")")" || exit 2

if ! command -v dotnet >/dev/null 2>&1; then
  echo "The .NET 10 SDK is missing: install it (https://dot.net) and put dotnet on the PATH." >&2
  exit 2
fi

# Real clients that nobody here wrote, and tools that make disks and system calls fail.
packages=(etcd-client etcd-server python3-grpcio python3-protobuf strace nghttp2-client curl)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing ${missing[*]}"
    log=$(mktemp)
    if ! { apt-get update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      echo "Installing failed; tests that need ${missing[*]} are skipped." >&2
    fi
    rm -f "$log"
  else
    echo "Not root: tests that need these Debian packages are skipped: ${missing[*]}" >&2
  fi
fi

passed=0; failed=0; skipped=0
step() { # name, command…: a step that passes or fails as a whole
  local name=$1 begin=$SECONDS out; shift
  out=$(mktemp)
  if "$@" >"$out" 2>&1; then
    printf '%-28s ok in %ds\n' "$name" $((SECONDS - begin))
    passed=$((passed + 1))
  else
    tail -n 60 "$out"
    printf '%-28s FAILED in %ds\n' "$name" $((SECONDS - begin))
    failed=$((failed + 1))
  fi
  rm -f "$out"
}

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
  exit
}

export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
step build dotnet build Quorate.slnx -c Release -v quiet
[ "$failed" = 0 ] || finish
[ $# -gt 0 ] || step format dotnet format Quorate.slnx --verify-no-changes --no-restore

limit=${QUORATE_TEST_LIMIT_SECONDS:-900}
for project in tests/*.Tests; do
  name=$(basename "$project")
  wanted=$([ $# = 0 ] && echo yes)
  for word in "$@"; do [[ $name == *"$word"* ]] && wanted=yes; done
  [ -n "$wanted" ] || continue
  begin=$SECONDS
  out=$(mktemp)
  timeout --kill-after=10 "$limit" "artifacts/bin/$name/release/$name" -noColor >"$out" 2>&1
  code=$?
  # xunit closes with: Total: 12, Errors: 0, Failed: 0, Skipped: 1, Not Run: 0, Time: 0.5s
  summary=$(grep -o 'Total: [0-9]*, Errors: [0-9]*, Failed: [0-9]*, Skipped: [0-9]*' "$out" | tail -n 1)
  read -r total errors bad skip <<<"$(grep -o '[0-9]\+' <<<"$summary" | tr '\n' ' ')"
  if [ -z "$summary" ]; then
    tail -n 60 "$out"
    echo "$name ended without a summary (exit code $code$([ $code = 124 ] && echo ', out of time'))"
    failed=$((failed + 1))
  else
    [ $((bad + errors)) = 0 ] || grep -v '^$' "$out" | tail -n 150
    [ "$skip" = 0 ] || grep '\[SKIP\]' -A 1 "$out" | head -n 20
    passed=$((passed + total - bad - skip)); failed=$((failed + bad + errors)); skipped=$((skipped + skip))
    printf '%-28s %s in %ds\n' "$name" "${summary#Total: }" $((SECONDS - begin))
  fi
  rm -f "$out"
done
finish
