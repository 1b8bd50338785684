import type { Architecture } from "./architecture.ts";

/**
 * What carries out a list of system calls, in the machine's own code: one loop, which decides nothing. Everything that it is
 * to do, and when it is to do something else, is in the list (see {@linkcode CallProgram}). Nothing else would do: a shell
 * cannot make these calls, and to start a runtime for them takes as long as what it is to start.
 *
 * A step of the list has 14 words of 8 bytes:
 *
 * ```c
 * struct step {
 *   long number, arguments[6];
 *   int *keep;                          // where the result is put
 *   int *masked; long mask;             // what loses all bits but these
 *   long least; unsigned long span;     // results that let it go on
 *   struct step *then, *otherwise;
 * };
 * for (struct step *s = steps;;) {
 *   long result = syscall(s->number, s->arguments...);
 *   *s->keep = result;
 *   *s->masked &= s->mask;
 *   s = (unsigned long)(result - s->least) <= s->span ? s->then : s->otherwise;
 * }
 * ```
 */
export const callCode: Readonly<Record<Architecture, Uint8Array>> = {
  // deno-fmt-ignore
  x64: new Uint8Array([
    0xbb, 0x00, 0x02, 0x41, 0x00, //       mov   ebx, 0x410200
    0x48, 0x8b, 0x03,             // next: mov   rax, [rbx]
    0x48, 0x8b, 0x7b, 0x08,       //       mov   rdi, [rbx + 8]
    0x48, 0x8b, 0x73, 0x10,       //       mov   rsi, [rbx + 16]
    0x48, 0x8b, 0x53, 0x18,       //       mov   rdx, [rbx + 24]
    0x4c, 0x8b, 0x53, 0x20,       //       mov   r10, [rbx + 32]
    0x4c, 0x8b, 0x43, 0x28,       //       mov   r8, [rbx + 40]
    0x4c, 0x8b, 0x4b, 0x30,       //       mov   r9, [rbx + 48]
    0x0f, 0x05,                   //       syscall
    0x48, 0x8b, 0x4b, 0x38,       //       mov   rcx, [rbx + 56]
    0x89, 0x01,                   //       mov   [rcx], eax
    0x48, 0x8b, 0x4b, 0x40,       //       mov   rcx, [rbx + 64]
    0x48, 0x8b, 0x53, 0x48,       //       mov   rdx, [rbx + 72]
    0x21, 0x11,                   //       and   [rcx], edx
    0x48, 0x2b, 0x43, 0x50,       //       sub   rax, [rbx + 80]
    0x48, 0x3b, 0x43, 0x58,       //       cmp   rax, [rbx + 88]
    0x48, 0x8b, 0x4b, 0x60,       //       mov   rcx, [rbx + 96]
    0x48, 0x0f, 0x47, 0x4b, 0x68, //       cmova rcx, [rbx + 104]
    0x48, 0x89, 0xcb,             //       mov   rbx, rcx
    0xeb, 0xbd,                   //       jmp   next
  ]),
  // deno-fmt-ignore
  arm64: new Uint8Array(new Uint32Array([
    0x10080813, //       adr  x19, 0x410200
    0xa9400268, // next: ldp  x8, x0, [x19]
    0xa9410a61, //       ldp  x1, x2, [x19, 16]
    0xa9421263, //       ldp  x3, x4, [x19, 32]
    0xa9432665, //       ldp  x5, x9, [x19, 48]
    0xd4000001, //       svc  0
    0xb9000120, //       str  w0, [x9]
    0xa9442a69, //       ldp  x9, x10, [x19, 64]
    0xb940012b, //       ldr  w11, [x9]
    0x0a0a016b, //       and  w11, w11, w10
    0xb900012b, //       str  w11, [x9]
    0xa9452a69, //       ldp  x9, x10, [x19, 80]
    0xcb090000, //       sub  x0, x0, x9
    0xeb0a001f, //       cmp  x0, x10
    0xa9462a69, //       ldp  x9, x10, [x19, 96]
    0x9a8a9133, //       csel x19, x9, x10, ls
    0x17fffff1, //       b    next
  ]).buffer),
};

/** Where the code expects itself, and the first step. On a machine with pages of 64 KiB, too, those are different pages. */
export const addresses = { code: 0x400100, steps: 0x410200 } as const;

/** Words of a step. */
export const stepWords = 14;
