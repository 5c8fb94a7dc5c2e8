#!/bin/sh
# Runs a program as a user that is nobody special, in the guest alone: it covers /etc.
#
#     as_user.sh delegated PROGRAM...    with what an administrator can give away: subordinate ids, and a
#                                              cgroup subtree as systemd hands it to a service with User= and
#                                              Delegate=yes; as there, the process starts in the subtree's root
#     as_user.sh one_id PROGRAM...       with the subtree, and no subordinate ids
#     as_user.sh user PROGRAM...         with neither; its cgroup is root's
set -eu
way=$1
shift
name=tester
id=6001
home=/run/home/$name
group=/sys/fs/cgroup/system.slice/$name-$way-$$.service # one that was used holds groups, so no process may enter

make_user() {
	mkdir -p /run/etc $home /run/user/$id
	cp -a /etc/. /run/etc
	echo "$name:x:$id:$id::$home:/bin/sh" >>/run/etc/passwd
	echo "$name:x:$id:" >>/run/etc/group
	: >/run/etc/subuid
	: >/run/etc/subgid
	mount --bind /run/etc /etc
	chown $id:$id $home /run/user/$id
	chmod 700 /run/user/$id
}

# Systemd hands down every controller, and gives away what /sys/kernel/cgroup/delegate lists.
make_group() {
	mkdir -p "$group"
	for above in /sys/fs/cgroup /sys/fs/cgroup/system.slice; do
		sed 's/[^ ]*/+&/g' $above/cgroup.controllers >$above/cgroup.subtree_control
	done
}

delegate() {
	chown $id:$id "$group"
	for file in $(cat /sys/kernel/cgroup/delegate); do
		[ ! -e "$group/$file" ] || chown $id:$id "$group/$file"
	done
}

[ -d $home ] || make_user
make_group
: >/etc/subuid
: >/etc/subgid
case $way in
delegated) echo "$name:100000:65536" | tee /etc/subuid >/etc/subgid && delegate ;;
one_id) delegate ;;
esac
echo $$ >"$group/cgroup.procs"
cd $home
export HOME=$home USER=$name XDG_RUNTIME_DIR=/run/user/$id
exec setpriv --reuid $id --regid $id --clear-groups --inh-caps=-all --bounding-set=+all -- "$@"
