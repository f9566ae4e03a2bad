#!/usr/bin/env bash
# Compares three nodes of Quorate with three nodes of etcd on this machine, under the same load, in interleaved pairs.
#   bench/etcd.sh             everything, about half an hour
#   bench/etcd.sh --short     a minute or two
#   bench/etcd.sh --help      all options
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

need() {
  local program=$1 package=$2
  type -P "$program" >/dev/null && return
  echo "bench: $program is missing; installing Debian's $package" >&2
  local as_root=()
  [[ $EUID -eq 0 ]] || as_root=(sudo -n)
  if ! "${as_root[@]}" apt-get install -y -q "$package" >&2; then
    echo "bench: cannot install $package; install it by hand: apt-get install $package" >&2
    exit 1
  fi
}

need python3 python3
case " $* " in
  *" --help "* | *" -h "*) ;;
  *)
    need etcd etcd-server
    # Builds when needed, before anything is measured.
    "$root/quorate" --version >/dev/null
    ;;
esac
exec python3 "$root/bench/compare.py" "$@"
