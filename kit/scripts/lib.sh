# shellcheck shell=sh
# What apply.sh, test.sh and undo.sh share. They set KIT, CLIS and here before they read it.
#
# CLI is the program that talks to the cluster, by the kubeconfig and the context that it finds as usual. TIMEOUT is
# how many seconds one wait may take. WAIT=0 waits for nothing that somebody else must do: for a cluster without
# controllers.
WAIT=${WAIT:-1}
TIMEOUT=${TIMEOUT:-300}
FORCE=${FORCE:-0}

say() { printf '%s\n' "$1"; }

# die WHY [HINT]
die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

case $TIMEOUT in
'' | *[!0-9]*) die "TIMEOUT=$TIMEOUT is not a whole number of seconds" ;;
esac

if [ -z "${CLI:-}" ]; then
  for CLI in $CLIS ''; do
    if [ -n "$CLI" ] && command -v "$CLI" >/dev/null; then break; fi
  done
  [ -n "$CLI" ] || die "none of $CLIS is in PATH" "install one, or name it: CLI=/path/to/kubectl $0"
fi
command -v "$CLI" >/dev/null || die "no program $CLI (CLI)" "name one of $CLIS"

# marks prints, for each object that it is given and that exists, the kit and the file that it was made by, or a dash.
mark='{{define "mark"}}{{with .metadata.annotations}}{{with index . "meshscenario.io/kit"}}{{.}}{{else}}-{{end}}{{else}}-{{end}}{{"\n"}}{{end}}'
mark=$mark'{{if eq .kind "List"}}{{range .items}}{{template "mark" .}}{{end}}{{else}}{{template "mark" .}}{{end}}'
marks() { "$CLI" get "$@" --ignore-not-found -o go-template="$mark"; }

# is_in WORD WORDS: whether it is one of the words, which have spaces around them.
is_in() {
  case $2 in
  *" $1 "*) return 0 ;;
  esac
  return 1
}

# eventually WHAT COMMAND...: tries the command every two seconds until it succeeds, TIMEOUT seconds at most.
eventually() (
  what=$1
  shift
  deadline=$(($(date +%s) + TIMEOUT))
  told=
  until said=$("$@" 2>&1); do
    [ "$(date +%s)" -lt "$deadline" ] || die "$what: not after $TIMEOUT s: $said"
    [ -n "$told" ] || say "waiting: $what"
    told=yes
    sleep 2
  done
)

# waits WHAT: whether to wait for something that others must do; it says so if not.
waits() {
  [ "$WAIT" = 0 ] || return 0
  say "not waited for: $1 (WAIT=0)"
  return 1
}

# ready NAMESPACE KIND NAME: its condition Ready is true. The namespace of what has none is empty.
ready() (
  what="$2 $3"
  waits "$what" || return 0
  set -- "$1" "$2/$3"
  if [ -n "$1" ]; then set -- "$2" -n "$1"; else set -- "$2"; fi
  if "$CLI" wait --for=condition=Ready --timeout="${TIMEOUT}s" "$@" >/dev/null; then
    say "ok: $what is ready"
    return 0
  fi
  "$CLI" get "$@" -o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\n"}{end}' >&2 || true
  die "$what is not ready" "the operator that makes it so says why; TIMEOUT=$TIMEOUT says how many seconds to wait"
)

# rolled_out NAMESPACE DEPLOYMENT
rolled_out() (
  what="Deployment $1/$2"
  waits "$what" || return 0
  if "$CLI" rollout status "deployment/$2" -n "$1" --timeout="${TIMEOUT}s" >/dev/null; then
    say "ok: $what is available"
    return 0
  fi
  "$CLI" get pods -n "$1" >&2 || true
  die "$what is not available" "its events say why: $CLI describe pods -n $1"
)

# has_proxies NAMESPACE SELECTOR: there are such pods, and each has a proxy.
has_proxies() (
  pods=$("$CLI" get pods -n "$1" -l "$2" -o jsonpath='{range .items[*]}{.metadata.name}{range .spec.initContainers[*]} {.name}{end}{range .spec.containers[*]} {.name}{end}{"\n"}{end}') || return 1
  [ -n "$pods" ] || { say "no pod $2 in $1"; return 1; }
  while IFS= read -r pod; do
    case "$pod " in
    *' istio-proxy '*) ;;
    *) say "no proxy in pod ${pod%% *}" && return 1 ;;
    esac
  done <<LIST
$pods
LIST
)
