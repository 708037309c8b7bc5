# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: the branch that keeps the archived records, apart from the code.
# Records are all JSON files under docs/ but those of docs/assets/. Pages, mirrors and the site are made from them.

branch=${ARCHIVE_BRANCH:-archive}
remote=${ARCHIVE_REMOTE:-origin}
# Where the branch stood when it was last fetched or pushed.
known=refs/daybook/archive
# Another run has pushed in between; as sysexits.h, "temporary failure".
moved_on=75

# The token goes to the server's own address by the environment: in no argument, no file and no address.
if [ -n "${ARCHIVE_TOKEN:-}" ]; then
  export GIT_CONFIG_COUNT=1
  export GIT_CONFIG_KEY_0="http.${GITHUB_SERVER_URL:-https://github.com}/.extraheader"
  GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$ARCHIVE_TOKEN" | base64 | tr -d '\n')"
  export GIT_CONFIG_VALUE_0
fi

# Find where the remote's branch stands: nothing where there is none yet. Fails where nobody could look.
find_remote() {
  git ls-remote --heads -- "$remote" "refs/heads/$branch" | cut -f1
}

# List the records under docs/, each ended by a NUL.
list_records() {
  if [ -d docs ]; then
    find docs -path docs/assets -prune -o -type f -name '*.json' ! -name '.*' -print0
  fi
}
