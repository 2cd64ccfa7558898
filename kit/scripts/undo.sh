
# gone ARGUMENTS...: deletes, and waits until it is gone.
gone() {
  if [ "$WAIT" = 0 ]; then set -- "$@" --wait=false; else set -- "$@" --wait=true --timeout="${TIMEOUT}s"; fi
  "$CLI" delete --ignore-not-found "$@" >/dev/null
}

# unstage NUMBER WHAT: deletes what manifests/NUMBER-*.yaml made, and nothing that was there before.
unstage() {
  number=$1
  what=$2
  set --
  for file in "$here/manifests/$number"-*.yaml; do set -- "$@" -f "$file"; done
  if ! found=$(marks "$@"); then
    say "left: $what: the cluster does not tell what of it is there"
    left=yes
    return 0
  fi
  set --
  while IFS= read -r one; do
    file=${one#"$KIT"/}
    case $one in
    '') continue ;;
    "$KIT"/*) ;;
    *) say "left: of $what, something that this kit did not make" && continue ;;
    esac
    case $file in
    */* | *[!a-zA-Z0-9._-]*) continue ;;
    esac
    [ ! -f "$here/manifests/$file" ] || set -- "$@" -f "$here/manifests/$file"
  done <<LIST
$found
LIST
  [ $# -eq 0 ] || gone "$@" || die "$what: not all of it is gone"
  say "ok: $what"
}

# unmake NAMESPACE SECRET: deletes a Secret of this kit.
unmake() {
  found=$(marks "secret/$2" -n "$1") || die "Secret $1/$2: not asked for"
  case $found in
  '') ;;
  "$KIT"/*) gone "secret/$2" -n "$1" || die "Secret $1/$2 is not gone" ;;
  *) say "left: Secret $1/$2, which this kit did not make" ;;
  esac
}

# inhabitants NAMESPACE: what people would miss of a namespace.
inhabitants() {
  "$CLI" get deployments,statefulsets,daemonsets,cronjobs,services,persistentvolumeclaims -n "$1" -o name &&
    "$CLI" get secrets -n "$1" --field-selector=type=Opaque -o name &&
    "$CLI" get secrets -n "$1" --field-selector=type=kubernetes.io/tls -o name
}

# vacate NAMESPACE: deletes a namespace that this kit made and where nobody else has anything. From one that was there
# before it takes back its labels.
vacate() {
  found=$(marks "namespace/$1") || die "Namespace $1: not asked for"
  case $found in
  '') return 0 ;;
  "$KIT"/*) ;;
  *)
    printf '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s"}}' "$1" |
      "$CLI" apply --server-side --field-manager="scenario-$KIT" -f - >/dev/null || die "Namespace $1: its labels are not taken back"
    say "left: Namespace $1, which this kit did not make"
    return 0
    ;;
  esac
  by=$("$CLI" get "namespace/$1" -o go-template='{{index .metadata.labels "app.kubernetes.io/managed-by"}}') || die "Namespace $1: not asked for"
  if [ "$by" != scenario ]; then
    say "left: Namespace $1, whose label says that others manage it now"
    left=yes
    return 0
  fi
  if [ "$FORCE" = 0 ]; then
    others=$(inhabitants "$1") || die "Namespace $1: what else is in it was not told"
    if [ -n "$others" ]; then
      say "left: Namespace $1, which holds what this kit did not make: $others(FORCE=1 $0 deletes it all the same)"
      left=yes
      return 0
    fi
  fi
  gone "namespace/$1" || die "Namespace $1 is not gone" "what holds it: $CLI get namespace $1 -o yaml"
}

left=
