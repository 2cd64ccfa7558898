
SCENARIO=${SCENARIO:-scenario}

# served GROUP/VERSION KIND...: the cluster serves these kinds: their CustomResourceDefinitions are established.
served() {
  [ "$WAIT" != 0 ] || { knows "$@" >&2 || die "$1 is not served" "README.md says what must be there first"; return 0; }
  eventually "$1 is served (README.md says what must be there first)" knows "$@"
}

knows() (
  group=$1
  shift
  kinds=$("$CLI" get --raw "/apis/$group") || return 1
  for kind in "$@"; do
    case $kinds in
    *"\"kind\":\"$kind\""*) ;;
    *) say "$group has no $kind" && return 1 ;;
    esac
  done
)

# put MANAGER ARGUMENTS...: applies as that field manager. What others have set stays theirs, unless FORCE=1.
put() {
  manager=$1
  shift
  [ "$FORCE" = 0 ] || set -- "$@" --force-conflicts
  "$CLI" apply --server-side --field-manager="$manager" "$@" >/dev/null
}

# look: what of the kit is there already, and made by others. To a namespace the kit adds its labels, as a field manager of
# its own, so that undo.sh can take them back; of other objects it keeps its hands off, unless FORCE=1.
look() {
  set --
  for file in "$here"/manifests/*.yaml; do set -- "$@" -f "$file"; done
  found=$(marks "$@") || die "the cluster does not tell what of the kit is there"
  foreign=' '
  others "$found" || return 0
  for file in "$here"/manifests/*.yaml; do
    found=$(marks -f "$file") || die "${file##*/}: not asked for"
    others "$found" || continue
    foreign="$foreign${file##*/} "
    case ${file##*/} in
    10-*) ;;
    *)
      [ "$FORCE" != 0 ] || die "what ${file##*/} makes is there, and not made by this kit" \
        "make the kit without that part (scenario bootstrap --include), or change it by FORCE=1 $0, and undo.sh leaves it"
      ;;
    esac
  done
}

# others MARKS: whether one of the objects was made by others.
others() {
  while IFS= read -r one; do
    case $one in
    '' | "$KIT"/*) ;;
    *) return 0 ;;
    esac
  done <<LIST
$1
LIST
  return 1
}

# stage NUMBER WHAT: applies manifests/NUMBER-*.yaml.
stage() {
  number=$1
  what=$2
  set --
  for file in "$here/manifests/$number"-*.yaml; do
    if is_in "${file##*/}" "$foreign"; then adopt "$file"; else set -- "$@" -f "$file"; fi
  done
  [ $# -eq 0 ] || put scenario "$@" || die "$what: not applied" "$taken"
  say "ok: $what"
}
taken="where others have set a field, FORCE=1 $0 takes it over"

# adopt FILE: applies what others made, as a field manager of its own, and without the marks of what is the kit's.
adopt() {
  "$CLI" annotate --local -f "$1" meshscenario.io/kit- -o yaml |
    "$CLI" label --local -f - app.kubernetes.io/managed-by- meshscenario.io/scenario- meshscenario.io/name- -o yaml |
    put "scenario-$KIT" -f - || die "${1##*/}: not applied" "$taken"
}

# proxied NAMESPACE DEPLOYMENT SELECTOR: its pods have a proxy. Those that started before the mesh was ready have none,
# and are started anew.
proxied() {
  rolled_out "$1" "$2"
  waits "the proxies of $1/$2" || return 0
  if ! has_proxies "$1" "$3" >/dev/null; then
    "$CLI" rollout restart "deployment/$2" -n "$1" >/dev/null
    rolled_out "$1" "$2"
    eventually "a proxy in the pods of $1/$2" has_proxies "$1" "$3"
  fi
  say "ok: the pods of $1/$2 have a proxy"
}

# installed NAMESPACE DEPLOYMENT COMMAND: somebody has run the command that installs it.
installed() {
  waits "Deployment $1/$2" || return 0
  found=$("$CLI" get "deployment/$2" -n "$1" --ignore-not-found -o name) || die "Deployment $1/$2: not asked for"
  [ -n "$found" ] || die "there is no Deployment $1/$2 yet; its values are there now" "install it, and run $0 again: $3"
  rolled_out "$1" "$2"
}

# may_make NAMESPACE SECRET: it is not there, or this kit's.
may_make() {
  found=$(marks "secret/$2" -n "$1") || die "Secret $1/$2: not asked for"
  ! others "$found" || [ "$FORCE" != 0 ] ||
    die "Secret $1/$2 is there, and not made by this kit" "SECRETS=0 $0 leaves the Secrets as they are; FORCE=1 replaces them"
}

# holds NAMESPACE SECRET KEY...: it is there, with these keys.
holds() (
  namespace=$1
  name=$2
  shift 2
  # shellcheck disable=SC2016 # the variables are the template's
  found=$("$CLI" get "secret/$name" -n "$namespace" --ignore-not-found -o go-template='{{range $key, $value := .data}} {{$key}} {{end}}') || die "Secret $namespace/$name: not asked for"
  for key in "$@"; do
    case $found in
    *" $key "*) ;;
    *)
      waits "Secret $namespace/$name with $key" || continue
      die "there is no Secret $namespace/$name with $key" "make it (README.md), and run $0 again"
      ;;
    esac
  done
)

# store_secrets PARTS: makes the Secrets of the certificates in the store. What is secret goes through pipes.
store_secrets() {
  "$SCENARIO" certs secret -f "$here/definition.yaml" --include "$1" --pki "$PKI" |
    "$CLI" annotate --local -f - "meshscenario.io/kit=$KIT/secrets" -o yaml |
    put scenario -f - || die "Secrets: not applied" "are the certificates in the store, and the namespaces there? README.md says what must be"
  say "ok: Secrets"
}

# can_make_secrets: the store is there, before anything is applied.
can_make_secrets() {
  command -v "$SCENARIO" >/dev/null || die "no program $SCENARIO (SCENARIO), which makes the Secrets" "SECRETS=0 $0 leaves the Secrets out"
  [ -d "$PKI" ] || die "no store of certificates at $PKI (PKI)" "README.md says how to make one; SECRETS=0 $0 leaves the Secrets out"
}

# root NAMESPACE CONFIGMAP FROM: the root of another mesh is there. It is made of that of the control plane in namespace FROM,
# where this cluster has both; otherwise its owner hands it over.
root() {
  found=$("$CLI" get "configmap/$2" -n "$1" --ignore-not-found -o name) || die "ConfigMap $1/$2: not asked for"
  [ -z "$found" ] || return 0
  waits "ConfigMap $1/$2" || return 0
  [ -n "$3" ] || die "there is no ConfigMap $1/$2, the root of the other mesh" "its owner hands it over as root-cert.pem: $CLI create configmap $2 -n $1 --from-file=root-cert.pem"
  eventually "the root of the mesh in $3" roots "$3"
  roots "$3" |
    "$CLI" create configmap "$2" -n "$1" --from-file=root-cert.pem=/dev/stdin --dry-run=client -o yaml |
    "$CLI" annotate --local -f - "meshscenario.io/kit=$KIT/roots" -o yaml |
    put scenario -f - || die "ConfigMap $1/$2: not applied" "$taken"
  say "ok: the root of the other mesh"
}

# roots NAMESPACE: the root of the control plane there.
roots() (
  found=$("$CLI" get configmap/istio-ca-root-cert -n "$1" -o jsonpath='{.data.root-cert\.pem}') || return 1
  [ -n "$found" ] || { say "ConfigMap $1/istio-ca-root-cert has no root-cert.pem"; return 1; }
  printf '%s\n' "$found"
)

# imported NAMESPACE PEER: the control plane has heard from the other mesh what it exports.
imported() {
  waits "mesh $2" || return 0
  eventually "mesh $2 (its owner applies the other side)" heard "$1" "$2"
  say "ok: mesh $2 is connected, and its services are known"
}

heard() (
  connected=$("$CLI" get "servicemeshpeer/$2" -n "$1" -o jsonpath='{.status.discoveryStatus.active[*].watch.connected}') || return 1
  is_in true " $connected " || { say "ServiceMeshPeer $1/$2 is not connected"; return 1; }
  services=$("$CLI" get "importedserviceset/$2" -n "$1" -o jsonpath='{.status.importedServices[*].localService.hostname}') || return 1
  [ -n "$services" ] || { say "ImportedServiceSet $1/$2 has no services"; return 1; }
)

# authority NAMESPACE SECRET MESH PARTS: the CA of this cluster is there. One that is there stays: with another, every workload
# would have to trust anew.
authority() {
  found=$("$CLI" get "secret/$2" -n "$1" --ignore-not-found -o name) || die "Secret $1/$2: not asked for"
  [ -z "$found" ] || return 0
  [ "${SECRETS:-1}" != 0 ] || { say "left: Secret $1/$2 (SECRETS=0)"; return 0; }
  can_make_secrets
  "$SCENARIO" certs secret -f "$here/definition.yaml" --include "$4" --pki "$PKI" --mesh "$3" |
    "$CLI" annotate --local -f - "meshscenario.io/kit=$KIT/secrets" -o yaml |
    put scenario -f - || die "Secret $1/$2: not applied" "is the CA of mesh $3 in the store? README.md says how it is made"
  say "ok: the CA of mesh $3"
}
