#!/busybox sh
# The first init of the virtual machine (vm.py): from an archive in memory to the host's root file system.
for module in /modules/*; do
	/busybox insmod "$module"
done
if /busybox mount -t virtiofs -o ro host /root; then
	/busybox mount -t devtmpfs devices /root/dev
	exec /busybox switch_root /root "$INIT"
fi
/busybox poweroff -f
