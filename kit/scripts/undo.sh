
left=

# gone ARGUMENTS...: deletes, and waits until it is gone.
gone() {
  if [ "$WAIT" = 0 ]; then set -- "$@" --wait=false; else set -- "$@" --wait=true --timeout="${TIMEOUT}s"; fi
  "$CLI" delete --ignore-not-found "$@" >/dev/null
}

# look: which files of the kit have made what is there.
look() {
  set --
  for file in "$here"/manifests/*.yaml; do set -- "$@" -f "$file"; done
  ours=' '
  if found=$(marks "$@"); then
    note "$found"
    return 0
  fi
  # A kind that is not served any more has no objects, and says so; the others are asked for one by one.
  for file in "$here"/manifests/*.yaml; do
    if found=$(marks -f "$file"); then note "$found"; else left=yes; fi
  done
}

# note MARKS
note() {
  while IFS= read -r one; do
    case $one in
    '') ;;
    "$KIT"/*) ours="$ours${one#"$KIT"/} " ;;
    *) say "left: what was there before: $one" ;;
    esac
  done <<LIST
$1
LIST
}

# unstage WHAT NUMBER...: deletes what manifests/NUMBER-*.yaml have made, in this order.
unstage() {
  what=$1
  shift
  files=
  count=0
  for number in "$@"; do
    for file in "$here/manifests/$number"-*.yaml; do
      is_in "${file##*/}" "$ours" || continue
      files="$files ${file##*/}"
      count=$((count + 1))
    done
  done
  set --
  for file in $files; do set -- "$@" -f "$here/manifests/$file"; done # names of kits' files have no spaces
  [ $# -eq 0 ] || gone "$@" || die "$what: not all of it is gone"
  say "ok: $what ($count)"
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

# vacate NAMESPACE...: deletes those that this kit made and where nobody else has anything. From one that was there before
# it takes back its labels.
vacate() {
  emptied=
  for namespace in "$@"; do
    found=$("$CLI" get "namespace/$namespace" --ignore-not-found -o go-template="$mark"'{{index .metadata.labels "app.kubernetes.io/managed-by"}}') ||
      die "Namespace $namespace: not asked for"
    case $found in
    '') ;;
    "$KIT"/*scenario) vacant "$namespace" && emptied="$emptied namespace/$namespace" ;;
    "$KIT"/*)
      say "left: Namespace $namespace, whose label says that others manage it now"
      left=yes
      ;;
    *)
      printf '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s"}}' "$namespace" |
        "$CLI" apply --server-side --field-manager="scenario-$KIT" -f - >/dev/null || die "Namespace $namespace: its labels are not taken back"
      say "left: Namespace $namespace, which this kit did not make"
      ;;
    esac
  done
  [ -n "$emptied" ] || return 0
  # shellcheck disable=SC2086 # each is an argument, and the name of a namespace that is there
  gone $emptied || die "not all namespaces are gone:$emptied" "the status of one says what holds it"
  say "ok: namespaces"
}

# vacant NAMESPACE: there is nothing that people would miss: a workload, a Service, a volume, a Secret of theirs.
inhabitants='{{range .items}}{{if or (ne .kind "Secret") (eq .type "Opaque") (eq .type "kubernetes.io/tls")}}{{.kind}}/{{.metadata.name}} {{end}}{{end}}'
vacant() {
  [ "$FORCE" = 0 ] || return 0
  others=$("$CLI" get deployments,statefulsets,daemonsets,cronjobs,services,persistentvolumeclaims,secrets -n "$1" --ignore-not-found -o go-template="$inhabitants") ||
    die "Namespace $1: what else is in it was not told"
  [ -n "$others" ] || return 0
  say "left: Namespace $1, which holds what this kit did not make: $others(FORCE=1 $0 deletes it all the same)"
  left=yes
  return 1
}

# finish: what is left after all is not hidden.
finish() {
  [ -z "$left" ] || die "not all of it is gone: see above"
  say "done: $KIT is undone"
}
