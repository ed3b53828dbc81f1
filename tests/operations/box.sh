#!/bin/sh
# Begin a machine within this machine, as the first process of namespaces of its own: systemd is its process 1, what it
# writes stays in memory, and its network is itself. Called by box.py: box.sh CHECKOUT FOLDER PYTHON PACKAGES
set -eu
checkout=$1 folder=$2 python=$3 packages=$4 new=$2/root

mount --make-rprivate /
mount -t tmpfs -o mode=0755 box "$folder"
mkdir "$folder/written" "$folder/working" "$new"
mount -t overlay -o "lowerdir=/,upperdir=$folder/written,workdir=$folder/working" box "$new"

# The checkout where the units expect it, with an interpreter that is not below anybody's home.
mkdir -p "$new/opt/kentongan" "$new/opt/python" "$new/opt/venv/bin" "$new/opt/venv/lib/$(basename "$(dirname "$packages")")/site-packages"
mount --bind -o ro "$checkout" "$new/opt/kentongan"
mount --bind -o ro "$python" "$new/opt/python"
mount --bind -o ro "$packages" "$new/opt/venv/lib/$(basename "$(dirname "$packages")")/site-packages"
echo "home = /opt/python/bin" > "$new/opt/venv/pyvenv.cfg"
ln -s /opt/python/bin/python3 "$new/opt/venv/bin/python"

for place in run tmp dev root home srv var/tmp var/log var/lib/tor var/lib/kentongan var/backups; do
    mkdir -p "$new/$place"
    mount -t tmpfs -o mode=0755 box "$new/$place"
done
# What is written anywhere else.
mkdir -p "$new/mnt/written"
mount --bind "$folder/written" "$new/mnt/written"
chmod 1777 "$new/tmp" "$new/var/tmp"
chown debian-tor:debian-tor "$new/var/lib/tor"
mount -t proc proc "$new/proc"
# The kernel is this machine's: nothing of it is to be set from within.
mount --bind "$new/proc/sys" "$new/proc/sys"
mount -o remount,bind,ro "$new/proc/sys"
mount -t sysfs -o ro sys "$new/sys"
mount -t cgroup2 cgroup "$new/sys/fs/cgroup"
for device in null zero full random urandom tty; do
    touch "$new/dev/$device"
    mount --bind "/dev/$device" "$new/dev/$device"
done
mkdir "$new/dev/pts" "$new/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 pts "$new/dev/pts"
ln -s pts/ptmx "$new/dev/ptmx"
mount -t tmpfs -o mode=1777 shm "$new/dev/shm"

# Of what this machine has running, nothing runs there, and its modules, mounts and clock are left alone.
mount -t tmpfs -o mode=0755 units "$new/etc/systemd/system"
for unit in sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount dev-hugepages.mount \
    systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service systemd-journald-audit.socket; do
    ln -s /dev/null "$new/etc/systemd/system/$unit"
done
: > "$new/etc/fstab"
mkdir "$new/etc/systemd/system.conf.d"
printf '[Manager]\nDefaultEnvironment=LD_LIBRARY_PATH=/opt/python/lib\n' > "$new/etc/systemd/system.conf.d/box.conf"

cd "$new"
mkdir old
pivot_root . old
umount -l /old
# Where it is a link, that leads to the same place as outside.
mount --rbind /opt/venv /opt/kentongan/.venv
exec env -i container=box PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set -sys_module,-sys_time /lib/systemd/systemd --unit=basic.target --log-target=console
