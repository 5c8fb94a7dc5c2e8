/* System V memory, messages, semaphores: they stay until somebody removes them. */
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "attempt.h"

int main(void)
{
	refused("shmget", shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600));
	refused("shmget by key", shmget(4711, 1 << 20, IPC_CREAT | 0666));
	refused("shmat", shmat(0, NULL, 0) == (void *)-1 ? -1 : 0);
	refused("shmctl", shmctl(0, IPC_RMID, NULL));
	refused("msgget", msgget(4711, IPC_CREAT | 0666));
	refused("msgsnd", msgsnd(0, &(struct msgbuf){ .mtype = 1 }, 1, IPC_NOWAIT));
	refused("msgctl", msgctl(0, IPC_RMID, NULL));
	refused("semget", semget(4711, 1, IPC_CREAT | 0666));
	refused("semop", semop(0, &(struct sembuf){ 0 }, 1));
	refused("semctl", semctl(0, 0, IPC_RMID));
	return verdict();
}
