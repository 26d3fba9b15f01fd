# Sourced by the scripts of this folder, in the root of the repository: starts a local server without rate limits, and sets
# `base_url` and the function `credential_of`. The server ends with the script.
folder=$(mktemp -d)
server=
stop() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap stop EXIT

binary=${LEADHOUSE_BINARY:-}
if [ -z "$binary" ]; then
  cargo build --locked -q -p local --bin leadhouse
  binary=${CARGO_TARGET_DIR:-target}/${CARGO_BUILD_TARGET:+$CARGO_BUILD_TARGET/}debug/leadhouse
fi
credentials=$folder/credentials.json
RUST_LOG=warn "$binary" --listen 127.0.0.1:0 --unlimited --credentials "$credentials" >"$folder/server.log" 2>&1 &
server=$!
for _ in $(seq 300); do
  if [ -s "$credentials" ]; then break; fi
  kill -0 "$server" 2>/dev/null || { cat "$folder/server.log" >&2; exit 1; }
  sleep 0.1
done
base_url=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["baseUrl"])' "$credentials")

# Prints a credential of a demo tenant: `credential_of vendorPad apiKey`.
credential_of() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]][sys.argv[3]])' "$credentials" "$1" "$2"
}
