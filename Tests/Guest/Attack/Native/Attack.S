# What C# cannot say: flags, segment registers, stacks and instructions that no program should use.

        .intel_syntax noprefix
        .text

# uint64_t attack_flags(uint64_t flags): enters the kernel (ClockNow) with these flags.
        .globl  attack_flags
attack_flags:
        pushfq
        push    rdi
        popfq
        mov     eax, 0x1060
        syscall
        popfq
        cld
        ret

# void attack_stack(uint64_t rsp): enters the kernel with this stack pointer.
        .globl  attack_stack
attack_stack:
        push    rbx
        mov     rbx, rsp
        mov     rsp, rdi
        mov     eax, 0x1060
        syscall
        mov     rsp, rbx
        pop     rbx
        ret

# void attack_push(uint64_t rsp): uses this stack pointer.
        .globl  attack_push
attack_push:
        mov     rsp, rdi
        push    rax
        ud2

        .globl  attack_jump
attack_jump:
        jmp     rdi

# void attack_sigreturn(void *context): as if a signal handler returned, with this context.
        .globl  attack_sigreturn
attack_sigreturn:
        mov     rsp, rdi
        mov     eax, 15
        syscall
        ud2

# Where a forged context may return to: exit_group(0).
        .globl  attack_exit
attack_exit:
        mov     eax, 231
        xor     edi, edi
        syscall
        ud2
        .globl  attack_exit_address
attack_exit_address:
        lea     rax, [rip + attack_exit]
        ret

# void attack_mxcsr(uint32_t value): loads it, and divides by zero.
        .globl  attack_mxcsr
attack_mxcsr:
        sub     rsp, 8
        mov     [rsp], edi
        ldmxcsr [rsp]
        mov     eax, 0x1060
        syscall
        xorps   xmm1, xmm1
        mov     eax, 0x3F800000
        movd    xmm0, eax
        divss   xmm0, xmm1
        mov     dword ptr [rsp], 0x1F80
        ldmxcsr [rsp]
        add     rsp, 8
        ret

# void attack_x87(): leaves an exception pending in the x87 unit, and enters the kernel.
        .globl  attack_x87
attack_x87:
        fninit
        push    0x300
        fldcw   [rsp]
        fldz
        fld1
        fdivrp
        mov     eax, 0x1060
        syscall
        mov     eax, 39
        syscall
        pop     rax
        ret

# uint64_t attack_vectors(): bits of all vector registers after a kernel call; 0 is right.
        .globl  attack_vectors
attack_vectors:
        pcmpeqd xmm0, xmm0
        pcmpeqd xmm7, xmm7
        pcmpeqd xmm15, xmm15
        mov     eax, 0x1060
        syscall
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        por     xmm0, xmm\n
        .endr
        movhlps xmm1, xmm0
        por     xmm0, xmm1
        movq    rax, xmm0
        ret

# The same for the upper halves that AVX has.
        .globl  attack_wide_vectors
attack_wide_vectors:
        .irp    n, 0,7,15
        vcmpps  ymm\n, ymm\n, ymm\n, 15
        .endr
        mov     eax, 0x1060
        syscall
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        vorps   ymm0, ymm0, ymm\n
        .endr
        vextractf128 xmm1, ymm0, 1
        vorps   xmm0, xmm0, xmm1
        vmovhlps xmm1, xmm0, xmm0
        vorps   xmm0, xmm0, xmm1
        vmovq   rax, xmm0
        vzeroupper
        ret

# int attack_keep_vectors(uint8_t *fresh): 0 if all of AVX outlasts a fault at a page that the
# kernel clears, a Linux call, and the end of some time slices.
        .globl  attack_keep_vectors
attack_keep_vectors:
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        mov     eax, 0x01010101 * (\n + 1)
        vmovd   xmm\n, eax
        vshufps xmm\n, xmm\n, xmm\n, 0
        vinsertf128 ymm\n, ymm\n, xmm\n, 1
        .endr
        mov     byte ptr [rdi], 1
        mov     eax, 39
        syscall
        mov     ecx, 60000000
1:      dec     ecx
        jnz     1b
        mov     eax, 1
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        vmovups [rsp - 40], ymm\n
        cmp     dword ptr [rsp - 40], 0x01010101 * (\n + 1)
        jne     2f
        cmp     dword ptr [rsp - 12], 0x01010101 * (\n + 1)
        jne     2f
        .endr
        xor     eax, eax
2:      vzeroupper
        ret

# void attack_instruction(int index): one that ring 3 may not execute.
        .globl  attack_instruction
attack_instruction:
        lea     rax, [rip + instructions]
        imul    edi, edi, 16
        add     rax, rdi
        xor     ecx, ecx
        xor     edx, edx
        jmp     rax

        .macro  forbidden text:vararg
        .balign 16
        \text
        ret
        .endm
        .balign 16
instructions:
        forbidden hlt
        forbidden cli
        forbidden sti
        forbidden in al, 0x60
        forbidden out 0xF4, al
        forbidden rdmsr
        forbidden wrmsr
        forbidden mov rax, cr0
        forbidden mov cr3, rax
        forbidden mov rax, dr7
        forbidden invlpg [rax]
        forbidden lgdt [rsp]
        forbidden lidt [rsp]
        forbidden ltr ax
        forbidden clts
        forbidden wbinvd
        forbidden swapgs
        forbidden sysretq
        forbidden int 0x80
        forbidden int 0x20
        forbidden int 8
        forbidden int3
        forbidden ud2
        forbidden xsetbv
        forbidden rdpmc
        forbidden clac
        .globl  attack_instruction_count
attack_instruction_count:
        mov     eax, 26
        ret

# void attack_segment(uint16_t selector): a kernel's selector for data, and a null stack.
        .globl  attack_segment
attack_segment:
        mov     ds, di
        mov     es, di
        mov     gs, di
        mov     eax, 0x1060
        syscall
        ret

# void attack_iret(cs, rflags): an interrupt return to ring 0 or with forged flags.
        .globl  attack_iret
attack_iret:
        lea     rax, [rsp + 8]
        mov     rcx, [rsp]
        mov     rdx, ss
        push    rdx
        push    rax
        push    rsi
        push    rdi
        push    rcx
        iretq

        .globl  attack_loop
attack_loop:
        jmp     attack_loop

        .section .note.GNU-stack, "", @progbits
