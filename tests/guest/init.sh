#!/bin/sh
# The guest's init: mounts what tests need, runs the programs of GUEST_PROGRAMS ("PATH" or "PATH,FILTER", separated
# by ":", all beneath GUEST_FOLDER) one after the other, says how each ended, powers off. The root is the host's own,
# read-only; what is written goes to tmpfs.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mkdir -p /dev/shm /run/programs
mount --bind "$GUEST_FOLDER" /run/programs
for folder in /dev/shm /tmp /var/tmp; do
	mount -t tmpfs -o mode=1777 tmpfs $folder
done
mkdir -p "$GUEST_FOLDER" # where the programs' folder lies in one that is covered now
mount --bind /run/programs "$GUEST_FOLDER"
mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup
echo "+memory +pids +cpu" >/sys/fs/cgroup/cgroup.subtree_control

set -f # filters are not for the shell
IFS=:
echo "guest: Linux $(uname -r), controllers $(cat /sys/fs/cgroup/cgroup.controllers)"
for entry in $GUEST_PROGRAMS; do
	filter=${entry#*,}
	[ "$filter" != "$entry" ] || filter=
	echo "guest: $entry begins"
	"${entry%%,*}" ${filter:+"$filter"} 2>&1
	echo "guest: $entry ended with $?"
done
echo o >/proc/sysrq-trigger
sleep 10
