# void cosmos_system_call(Registers *registers)
#
# Loads the number and the eleven arguments from the block in rdi, enters the kernel, stores them
# back. Keeps the registers that a C callee must keep; the kernel keeps rbp, rsp and MXCSR.

        .intel_syntax noprefix
        .text
        .globl  cosmos_system_call
        .type   cosmos_system_call, @function
        .p2align 4
cosmos_system_call:
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
        push    r15
        .cfi_offset r15, -56
        push    rdi
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
        mov     [rcx], rax
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
        pop     r14
        pop     r13
        pop     r12
        pop     rbx
        pop     rbp
        .cfi_def_cfa rsp, 8
        ret
        .cfi_endproc
        .size   cosmos_system_call, . - cosmos_system_call
        .section .note.GNU-stack, "", @progbits
