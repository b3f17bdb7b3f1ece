#!/bin/sh
# Once: the authority, a folder for each broker, and the same authority and keys for the other controllers.
set -eu
config=/etc/wardlink/controller.toml
for n in 1 2 3; do
    python -m wardlink controller broker-member "mqtts://broker-$n:8883" --out "/brokers/broker-$n" -c "$config"
done
# The keys of second factors and of recordings: else each controller makes its own, and opens nobody else's.
python - <<'PY'
from pathlib import Path

from controller.shards.same_keys import make

make(Path("/var/lib/wardlink/data"))
PY
for n in 2 3; do
    cp -a /var/lib/wardlink/data/ca /var/lib/wardlink/data/keys "/copies/controller-$n/"
done
