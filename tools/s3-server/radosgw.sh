#!/usr/bin/env bash
# An S3 server that we did not write: Ceph's gateway from Debian (radosgw, ceph-mon, ceph-osd) in memory.
#
#   eval "$(tools/s3-server/radosgw.sh start DIR)"   sets TEST_S3_SERVER for the tests
#   tools/s3-server/radosgw.sh stop DIR
set -euo pipefail
action=${1:?start or stop} dir=$(realpath -m "${2:?directory}")

if [ "$action" = stop ]; then
  for file in "$dir"/*.pid; do
    [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null || true
  done
  rm -rf "$dir"
  exit
fi

free_port() { node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
port=$(free_port) mon=$(free_port)
key=$(node -p 'require("node:crypto").randomBytes(10).toString("hex")')
secret=$(node -p 'require("node:crypto").randomBytes(20).toString("hex")')
mkdir -p "$dir"/mon "$dir"/osd
conf=$dir/ceph.conf
cat >"$conf" <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_initial_members = a
mon_host = v2:127.0.0.1:$mon/0
run_dir = $dir
admin_socket = $dir/\$name.asok
log_file = $dir/\$name.log
pid_file = $dir/\$name.pid
keyring = $dir/keyring
setuser_match_path = $dir
public_addr = 127.0.0.1
ms_bind_ipv6 = false
mon_data = $dir/mon
mon_data_avail_crit = 1
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
osd_data = $dir/osd
osd_objectstore = memstore
osd_memory_target = 939524096
memstore_device_bytes = 536870912
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
rgw_rados_pool_pg_num_min = 1
rgw_frontends = beast endpoint=127.0.0.1:$port
END

# What the programs of Ceph say goes to us only when something fails.
quietly() {
  if ! timeout 60 "$@" >>"$dir/start.log" 2>&1; then
    echo "$1 failed:" >&2
    tail -n 5 "$dir/start.log" >&2
    exit 1
  fi
}
quietly ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *'
quietly ceph-authtool "$dir/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
quietly ceph-authtool "$dir/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
quietly ceph-authtool "$dir/keyring" --gen-key -n client.rgw --cap mon 'allow rwx' --cap osd 'allow rwx'
quietly monmaptool --create --fsid "$(sed -n 's/^fsid = //p' "$conf")" --addv a "[v2:127.0.0.1:$mon]" "$dir/monmap"
quietly ceph-mon -c "$conf" --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring"
quietly ceph-mon -c "$conf" -i a
quietly ceph -c "$conf" osd create
quietly ceph-osd -c "$conf" -i 0 --mkfs
quietly ceph-osd -c "$conf" -i 0
quietly radosgw -c "$conf" -n client.rgw
quietly radosgw-admin -c "$conf" user create --uid=test --display-name=Test --access-key="$key" --secret="$secret"
for _ in $(seq 300); do
  node -e "fetch('http://127.0.0.1:$port').then(() => process.exit(0), () => process.exit(1))" && break
  sleep 0.1
done
echo "export TEST_S3_SERVER='http://127.0.0.1:$port studio-test $key $secret'"
