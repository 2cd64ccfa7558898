
checks=0
failed=0
ok() {
  checks=$((checks + 1))
  say "ok: $1"
}
bad() {
  checks=$((checks + 1))
  failed=$((failed + 1))
  say "FAILED: $1: $2"
}

# Whoever settles how curl verifies is this script, not the caller's ~/.curlrc (-q).
fetch() { curl -q --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time 20 "$@"; }

# from NAMESPACE DEPLOYMENT: whose pods client calls from. CONTAINER is the container of them that has a curl.
from() {
  namespace=$1
  deployment=$2
}
client() {
  "$CLI" exec "deployment/$deployment" -n "$namespace" ${CONTAINER:+-c "$CONTAINER"} -- \
    curl -q --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time 20 "$@"
}

# reach HOST PORT [COMMAND...]: says where outside calls the host: at ADDRESS and PORT where they are set, else where the
# command finds it, else where DNS leads. The name stays what is asked for and verified.
reach() {
  command -v curl >/dev/null || die "no curl in PATH, which calls from outside"
  host=$1
  wire=$2
  shift 2
  at=${ADDRESS:-}
  if [ -z "$at" ] && [ $# -gt 0 ]; then
    at=$("$@") || at=
    [ -n "$at" ] || die "nothing says yet where $host is to be reached" "say it: ADDRESS=192.0.2.10 $0 (and PORT=8443, of a port that is forwarded)"
  fi
  case $at in
  \[*) ;;
  *:*) at="[$at]" ;;
  esac
  target=
  if [ -n "$at" ] || [ -n "${PORT:-}" ]; then target=$host:$wire:$at:${PORT:-}; fi
}
outside() { fetch ${target:+--connect-to "$target"} "$@"; }

# router NAMESPACE ROUTE, balancer NAMESPACE SERVICE: where callers from outside arrive.
router() { "$CLI" get "route/$2" -n "$1" -o jsonpath='{.status.ingress[0].routerCanonicalHostname}'; }
balancer() { "$CLI" get "service/$2" -n "$1" -o jsonpath='{.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}'; }

# trusts: there is a file of the CAs that the server is verified with.
trusts() {
  CACERT=${CACERT:-$PKI/ca.crt}
  [ -r "$CACERT" ] || die "no CA to verify with at $CACERT" "where is the store (PKI=), or the CA of whoever answers (CACERT=)?"
}

# shows NAME: the certificate that is shown, and its key: the store's of that name, or CERT and KEY.
shows() {
  cert=${CERT:-$PKI/certs/$1/tls.crt}
  key=${KEY:-$PKI/certs/$1/tls.key}
  for file in "$cert" "$key"; do
    [ -r "$file" ] || die "no certificate with its key to show: $file" "make them: scenario certs issue -f definition.yaml (README.md), or name them: CERT= KEY= $0"
  done
  # curl takes what follows a colon for a password.
  cert=$(printf '%s' "$cert" | sed 's/[\\:]/\\&/g')
}

# answers WHAT PATTERN COMMAND...: the call gets an HTTP status like that. Where both sides show certificates (mutual=yes),
# 400, 495 and 496 are no answers: so servers such as nginx refuse a certificate.
answers() {
  what=$1
  want=$2
  shift 2
  code=0
  said=$("$@") || code=$?
  # shellcheck disable=SC2254 # it is a pattern
  case $mutual:$code:$said in
  yes:0:400 | yes:0:495 | yes:0:496) bad "$what" "HTTP $said, by which servers refuse a certificate, expected $want" ;;
  *:0:$want) ok "$what: HTTP $said" ;;
  *:0:*) bad "$what" "HTTP $said, expected $want" ;;
  *) bad "$what" "no answer, curl's status $code, expected HTTP $want" ;;
  esac
}

# refuses WHAT STATUSES COMMAND...: the call must fail, and with one of these statuses of curl, separated by bars; one of
# them may be an HTTP status, as http502.
refuses() {
  what=$1
  want=$2
  shift 2
  code=0
  said=$("$@" 2>/dev/null) || code=$?
  [ "$code" != 0 ] || code=http$said
  case "|$want|" in
  *"|$code|"*) ok "$what fails, as it must" ;;
  *"|http"*) bad "$what" "it ended with $code, expected to be refused (curl's status or HTTP: $want)" ;;
  *) bad "$what" "it ended with $code, expected to be refused (curl's status $want)" ;;
  esac
}

# sidecars NAMESPACE SELECTOR: the pods have a proxy.
sidecars() {
  if said=$(has_proxies "$1" "$2"); then ok "the pods $2 in $1 have a proxy"; else bad "the pods $2 in $1 have a proxy" "$said"; fi
}

# stands NAMESPACE KIND NAME: its condition Ready is true. The namespace of what has none is empty.
stands() {
  said=$("$CLI" get "$2/$3" ${1:+-n "$1"} -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}') || said='not there'
  if [ "$said" = True ]; then ok "$2 $3 is ready"; else bad "$2 $3 is ready" "its condition Ready: ${said:-not there}"; fi
}

# available NAMESPACE DEPLOYMENT: all its pods are.
available() {
  said=$("$CLI" get "deployment/$2" -n "$1" -o jsonpath='{.status.availableReplicas} of {.spec.replicas}') || said='not there'
  case $said in
  "${said#* of } of ${said#* of }") ok "Deployment $1/$2 is available" ;;
  *) bad "Deployment $1/$2 is available" "pods: ${said:-none}" ;;
  esac
}
