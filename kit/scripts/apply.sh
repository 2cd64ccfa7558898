
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
