#!/bin/sh
# The guest's init: mounts what tests need, runs the programs of $GUEST/entries ("WAY PROGRAM ARGUMENT...") one after the
# other, says how each ended, powers off. The root is the host's own, read-only; what is written goes to tmpfs.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
here=${0%/*}
entries=$(cat "$GUEST/entries")
folders=$(cat "$GUEST/folders")

# The programs' folders stay where they are, also where something is mounted over them.
keep_folders() {
	for folder in $folders; do
		mkdir -p "/run/kept$folder"
		mount --rbind "$folder" "/run/kept$folder"
	done
	for covered in /dev/shm /tmp /var/tmp; do
		mkdir -p $covered
		mount -t tmpfs -o mode=1777 tmpfs $covered
	done
	for folder in $folders; do
		mkdir -p "$folder"
		mount --rbind "/run/kept$folder" "$folder"
	done
}

mount_all() {
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t tmpfs -o mode=755 tmpfs /run
	keep_folders
	mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup
	echo "+memory +pids +cpu" >/sys/fs/cgroup/cgroup.subtree_control
	echo +cpuset 2>/dev/null >/sys/fs/cgroup/cgroup.subtree_control
}

run_entry() { # WAY PROGRAM ARGUMENT...
	case $1 in
	root) shift && "$@" ;;
	*) "$here/as_user.sh" "$@" ;;
	esac
}

mount_all
set -f # filters are not for the shell
IFS='
'
echo "guest: Linux $(uname -r), controllers $(cat /sys/fs/cgroup/cgroup.controllers)"
for entry in $entries; do
	echo "guest: $entry begins"
	(IFS=' ' && run_entry $entry 2>&1)
	echo "guest: $entry ended with $?"
done
echo o >/proc/sysrq-trigger
sleep 10
