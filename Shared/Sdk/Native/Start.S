# Between the start of the runtime and the first line of C#: the linker puts this in the place of
# the managed entry (--wrap, Image.props), which libbootstrapper's main calls.
#
# A template's run ends here (SystemCall.Snapshot), and each copy's begins: the kernel answers its
# start block in rdi (argument count, arguments, environment, as the System V ABI 3.4.1 has them)
# and a random word in rsi, from which this thread and all that it makes get a stack guard.
# An ordinary process is answered NotSupported and goes on with what main was called with.

        .intel_syntax noprefix
        .set    SNAPSHOT, 0x104E        # Shared.Abi.SystemCall.Snapshot
        .set    WOULD_BLOCK, 25         # Shared.Abi.Status.WouldBlock
        .set    SCHED_YIELD, 24         # Linux: the other threads go to their waits
        .set    MAX_YIELDS, 1000

        .text
        .globl  __wrap___managed__Main
        .type   __wrap___managed__Main, @function
        .p2align 4
__wrap___managed__Main:
        .cfi_startproc
        push    rbp
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        mov     rbp, rsp
        .cfi_def_cfa_register rbp
        push    rbx
        .cfi_offset rbx, -24
        push    r12
        .cfi_offset r12, -32
        push    r13
        .cfi_offset r13, -40
        push    r14
        .cfi_offset r14, -48
        mov     ebx, edi
        mov     r12, rsi
        mov     r13d, MAX_YIELDS
.Lsnapshot:
        mov     eax, SNAPSHOT
        syscall
        cmp     ax, WOULD_BLOCK
        jne     .Ldecided
        mov     eax, SCHED_YIELD
        syscall
        dec     r13d
        jnz     .Lsnapshot
        ud2                             # a template that never rests is of no use
.Ldecided:
        test    ax, ax
        jnz     .Lordinary
        mov     r14, fs:[0x28]          # frames above this one end with the old guard
        xor     sil, sil                # the guard's first byte is zero, as libc makes it
        mov     fs:[0x28], rsi
        mov     rsp, rdi
        mov     edi, [rsp]
        lea     rsi, [rsp + 8]
        lea     rax, [rsi + rdi * 8 + 8]
        mov     [__environ], rax
        call    __real___managed__Main
        mov     fs:[0x28], r14
        jmp     .Lend
.Lordinary:
        mov     edi, ebx
        mov     rsi, r12
        call    __real___managed__Main
.Lend:
        lea     rsp, [rbp - 32]
        pop     r14
        pop     r13
        pop     r12
        pop     rbx
        pop     rbp
        .cfi_def_cfa rsp, 8
        ret
        .cfi_endproc
        .size   __wrap___managed__Main, . - __wrap___managed__Main
        .section .note.GNU-stack, "", @progbits
