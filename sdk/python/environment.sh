# Functions of `check` and `generate`: the installed versions of Python, and environments with the locked tools.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/leadhouse-ci/sdk-python
mkdir -p "$cache"

# Every Python from 3.10 on, the oldest first. python3 is the system's; pyenv keeps others apart.
interpreters() {
  for python in python3.{10..19} python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python; do
    "$python" -c 'import ensurepip, sys; sys.version_info >= (3, 10) and print(*sys.version_info[:2], sys.executable)' 2>/dev/null || true
  done | sort -u -k 1,1n -k 2,2n | awk '!seen[$1 " " $2]++ { print $3 } END { if (NR == 0) exit 1 }' || {
    echo "There is no Python 3.10 or newer with venv." >&2
    return 1
  }
}

# Makes the environment with the locked versions and returns its Python.
environment() {
  local folder
  folder=$cache/$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if ! cmp -s requirements-dev.txt "$folder/installed.txt"; then
    rm -rf "$folder"
    "$1" -m venv "$folder"
    "$folder/bin/pip" install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
    cp requirements-dev.txt "$folder/installed.txt"
  fi
  echo "$folder/bin/python"
}
