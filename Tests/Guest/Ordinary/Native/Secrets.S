# What libc keeps of a thread and does not show: u64 ordinary_stack_guard(), the word at fs:0x28.

        .intel_syntax noprefix
        .text
        .globl  ordinary_stack_guard
        .type   ordinary_stack_guard, @function
ordinary_stack_guard:
        mov     rax, fs:[0x28]
        ret
        .size   ordinary_stack_guard, . - ordinary_stack_guard
        .section .note.GNU-stack, "", @progbits
