# The ways from C# into the kernel. Each keeps the registers that a C callee must keep; the kernel
# keeps rbp, rsp and MXCSR.
#
# u64 cosmos_system_call(Registers *registers): loads the number and the eleven arguments from the
# block in rdi, and stores the arguments back. Answers what is in rax.
#
# u64 cosmos_short_call(endpoint, info, deadline, ShortReply *reply, serving, word): a Call with
# MessageFlags.Short. C passes arguments where the kernel wants them, but for the reply's place; the
# kernel leaves rbx and r12 to r15 alone.
#
# u64 cosmos_read_clock(first, ns): nanoseconds since the time stamp counter was `first`, with `ns`
# times 2^32 for each of its ticks (Intel SDM 17.17); what the kernel itself does.

        .intel_syntax noprefix
        .text
        .globl  cosmos_system_call
        .type   cosmos_system_call, @function
        .p2align 4
cosmos_system_call:
        .cfi_startproc
        push    rbx
        .cfi_def_cfa_offset 16
        .cfi_offset rbx, -16
        push    r12
        .cfi_def_cfa_offset 24
        .cfi_offset r12, -24
        push    r13
        .cfi_def_cfa_offset 32
        .cfi_offset r13, -32
        push    r14
        .cfi_def_cfa_offset 40
        .cfi_offset r14, -40
        push    r15
        .cfi_def_cfa_offset 48
        .cfi_offset r15, -48
        push    rdi
        .cfi_def_cfa_offset 56
        mov     rax, [rdi]
        mov     rsi, [rdi + 16]
        mov     rdx, [rdi + 24]
        mov     r10, [rdi + 32]
        mov     r8,  [rdi + 40]
        mov     r9,  [rdi + 48]
        mov     rbx, [rdi + 56]
        mov     r12, [rdi + 64]
        mov     r13, [rdi + 72]
        mov     r14, [rdi + 80]
        mov     r15, [rdi + 88]
        mov     rdi, [rdi + 8]
        syscall
        pop     rcx                     # the block; syscall has destroyed rcx anyway
        .cfi_def_cfa_offset 48
        mov     [rcx + 8], rdi
        mov     [rcx + 16], rsi
        mov     [rcx + 24], rdx
        mov     [rcx + 32], r10
        mov     [rcx + 40], r8
        mov     [rcx + 48], r9
        mov     [rcx + 56], rbx
        mov     [rcx + 64], r12
        mov     [rcx + 72], r13
        mov     [rcx + 80], r14
        mov     [rcx + 88], r15
        pop     r15
        .cfi_def_cfa_offset 40
        pop     r14
        .cfi_def_cfa_offset 32
        pop     r13
        .cfi_def_cfa_offset 24
        pop     r12
        .cfi_def_cfa_offset 16
        pop     rbx
        .cfi_def_cfa_offset 8
        ret
        .cfi_endproc
        .size   cosmos_system_call, . - cosmos_system_call

        .globl  cosmos_short_call
        .type   cosmos_short_call, @function
        .p2align 4
cosmos_short_call:
        .cfi_startproc
        push    rbp                     # a frame, so that a crash report names the caller
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        mov     rbp, rsp
        push    rcx
        .cfi_def_cfa_offset 24
        xor     r10d, r10d              # no extras
        mov     eax, 0x1000             # Shared.Abi.SystemCall.Call
        syscall
        pop     rcx
        .cfi_def_cfa_offset 16
        mov     [rcx], rsi
        mov     [rcx + 8], r9
        pop     rbp
        .cfi_def_cfa_offset 8
        ret
        .cfi_endproc
        .size   cosmos_short_call, . - cosmos_short_call

        .globl  cosmos_read_clock
        .type   cosmos_read_clock, @function
        .p2align 4
cosmos_read_clock:
        .cfi_startproc
        rdtsc
        shl     rdx, 32
        or      rax, rdx
        sub     rax, rdi
        mul     rsi
        shrd    rax, rdx, 32
        ret
        .cfi_endproc
        .size   cosmos_read_clock, . - cosmos_read_clock
        .section .note.GNU-stack, "", @progbits
