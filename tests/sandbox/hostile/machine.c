/* What belongs to the machine's owner. */
#include <linux/reboot.h>

#include "attempt.h"

int main(void)
{
	refused("reboot",
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0));
	refused("sethostname", syscall(SYS_sethostname, "owned", 5));
	refused("setdomainname", syscall(SYS_setdomainname, "owned", 5));
	refused("swapon", syscall(SYS_swapon, "/box/swap", 0));
	refused("swapoff", syscall(SYS_swapoff, "/box/swap"));
	refused("syslog", syscall(SYS_syslog, 3, "", 0));
	refused("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
	refused("kexec_file_load", syscall(SYS_kexec_file_load, -1, -1, 0, NULL, 0));
	refused("quotactl", syscall(SYS_quotactl, 0x800002 << 8, NULL, 0, NULL));
	refused("quotactl_fd", syscall(443, 0, 0x800002 << 8, 0, NULL));
	refused("init_module", syscall(SYS_init_module, "", 0, ""));
	refused("finit_module", syscall(SYS_finit_module, 0, "", 0));
	refused("delete_module", syscall(SYS_delete_module, "ext4", 0));
	refused("acct", syscall(SYS_acct, "/box/acct"));
	refused("vhangup", syscall(SYS_vhangup));
	refused("nfsservctl", syscall(SYS_nfsservctl));
	refused("sync", syscall(SYS_sync));
	refused("syncfs", syscall(SYS_syncfs, 0));
	refused("ioprio_set", syscall(SYS_ioprio_set, 1, 0, 1 << 13));
#ifdef __x86_64__
	refused("iopl", syscall(SYS_iopl, 3));
	refused("ioperm", syscall(SYS_ioperm, 0x80, 1, 1));
	refused("modify_ldt", syscall(SYS_modify_ldt, 0, "", 0));
	refused("uselib", syscall(SYS_uselib, "/usr/lib/libc.so"));
	refused("_sysctl", syscall(SYS__sysctl, NULL));
	refused("ustat", syscall(SYS_ustat, 0, NULL));
	refused("sysfs", syscall(SYS_sysfs, 3));
#endif
	return verdict();
}
