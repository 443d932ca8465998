# Sourced by the scripts beside it: where servers are installed, how they are started and stopped.
cache=${MILLRACE_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace-servers}

need() { # need COMMAND WHY
  command -v "$1" >/dev/null 2>&1 || { echo "$(basename "$0"): $2; there is no '$1' on PATH" >&2; exit 3; }
}

once() { # once TARGET COMMAND...: run the command with a folder to fill, unless TARGET is there; callers at the same time wait
  local target=$1; shift
  mkdir -p "$(dirname "$target")"
  exec 8>"$target.lock"
  flock 8
  if [ ! -e "$target" ]; then
    rm -rf "$target.new"
    mkdir "$target.new"
    "$@" "$target.new"
    mv "$target.new" "$target"
  fi
  exec 8>&-
}

background() { # background DIR NAME COMMAND...: start a server that outlives the script; its pid is in DIR/NAME.pid
  local dir=$1 name=$2; shift 2
  setsid "$@" >"$dir/$name.log" 2>&1 </dev/null 8>&- 9>&- &
  echo $! >"$dir/$name.pid"
}

listening() { # listening DIR NAME PORT: wait until the server answers
  local i
  for i in $(seq 600); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$3") 2>/dev/null; then return 0; fi
    kill -0 "$(cat "$1/$2.pid")" 2>/dev/null || break
    sleep 0.2
  done
  echo "$(basename "$0"): $2 did not come up; its log ends so:" >&2
  tail -20 "$1/$2.log" >&2
  exit 1
}

stop() { # stop DIR: end every server that was started there
  local pid file i
  for file in "$1"/*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    kill "$pid" 2>/dev/null || true
    for i in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
    rm -f "$file"
  done
}
