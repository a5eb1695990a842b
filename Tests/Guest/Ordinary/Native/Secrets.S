# What libc keeps of a thread and does not show: u64 ordinary_stack_guard(), the word at fs:0x28, and
# u64 ordinary_thread_id(), the system call gettid.

        .intel_syntax noprefix
        .text
        .globl  ordinary_stack_guard
        .type   ordinary_stack_guard, @function
ordinary_stack_guard:
        mov     rax, fs:[0x28]
        ret
        .size   ordinary_stack_guard, . - ordinary_stack_guard

        .globl  ordinary_thread_id
        .type   ordinary_thread_id, @function
ordinary_thread_id:
        mov     eax, 186
        syscall
        ret
        .size   ordinary_thread_id, . - ordinary_thread_id
        .section .note.GNU-stack, "", @progbits
