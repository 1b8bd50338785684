/** The error numbers that filters answer with and launchers meet; the same on x64 and arm64 (asm-generic/errno.h). */
export const errno = { EPERM: 1, ENOENT: 2, EACCES: 13, ENOTDIR: 20, EINVAL: 22, ENOTTY: 25, ENOSYS: 38 } as const;
