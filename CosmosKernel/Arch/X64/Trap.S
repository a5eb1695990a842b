// Every way into ring 0 and the one way out.
//
// cpu_resume loads a user frame and leaves; a trap from ring 3 stores the frame and *returns* from
// cpu_resume. Interrupts are off in ring 0. A trap from ring 0 is the kernel's own runtime at work
// (a Linux call, a page of its heap, a null reference) and goes to Shim.c; an interrupt from ring 0
// happens in cpu_idle only and leaves a bit. Section numbers are of the Intel SDM.
#include "Trap.h"

// Offsets of Arch/UserFrame.cs; a unit test compares the two.
.set FRAME_rax, 0;    .set FRAME_rbx, 8;    .set FRAME_rcx, 16;   .set FRAME_rdx, 24
.set FRAME_rsi, 32;   .set FRAME_rdi, 40;   .set FRAME_rbp, 48;   .set FRAME_r8, 56
.set FRAME_r9, 64;    .set FRAME_r10, 72;   .set FRAME_r11, 80;   .set FRAME_r12, 88
.set FRAME_r13, 96;   .set FRAME_r14, 104;  .set FRAME_r15, 112;  .set FRAME_Rip, 120
.set FRAME_Rsp, 128;  .set FRAME_Rflags, 136;  .set FRAME_FsBase, 144;  .set FRAME_Cr3, 152
.set FRAME_Vector, 160;  .set FRAME_ErrorCode, 168;  .set FRAME_FaultAddress, 176
.set FRAME_Mxcsr, 184;   .set FRAME_HasVectorState, 192;  .set FRAME_NeedsFullReturn, 196
.set FRAME_VectorState, 256
// All but rcx, rdi, r11 and rsp, which the ways in and out use.
#define PLAIN rax, rbx, rdx, rsi, rbp, r8, r9, r10, r12, r13, r14, r15

#define CPU(offset) cpu+offset(%rip)
// Flags that ring 3 may choose: CF PF AF ZF SF TF DF OF NT(no) RF(no) AC ID. Vol. 1, 3.4.3.
#define USER_FLAGS 0x240DD5
#define FIXED_FLAGS 0x202
// All that every processor with x86-64-v2 has; the others fault when loaded. Vol. 1, 10.2.3.
#define MXCSR_BITS 0xFFFF

.text
.code64

// int cpu_resume(frame): runs the thread until it traps. 0 system call, 1 fault, 2 interrupt.
.global cpu_resume
cpu_resume:
    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15
    mov %rsp, CPU(CPU_KERNEL_RSP)

    // Both are ring 3's own, or C# has checked them where it set them: as a rip or a base that is
    // not canonical would fault in ring 0 (Vol. 2, IRET, SYSRET, WRFSBASE).
    mov FRAME_Rip(%rdi), %rcx
    mov FRAME_Cr3(%rdi), %rax
    cmp CPU(CPU_ROOT), %rax
    je clear_vectors
    // Another process: nothing of the last one's registers may stay. fninit leaves the x87 data
    // registers as they were, and ring 3 can choose ds, es, gs; so load clean ones.
    mov %rax, CPU(CPU_ROOT)
    mov %rax, %cr3
    mov $VECTOR_STATE, %eax
    xor %edx, %edx
    xrstor64 clean_vectors(%rip)
    xor %eax, %eax
    .irp segment, ds, es, fs, gs
    mov %eax, %\segment
    .endr
    wrgsbase %rax
vectors_are_clear:
    mov FRAME_FsBase(%rdi), %rdx
    wrfsbase %rdx
    mov %rdi, CPU(CPU_FRAME)
    mov FRAME_Rflags(%rdi), %r11
    and $USER_FLAGS, %r11
    or $FIXED_FLAGS, %r11
    cmpq $0, FRAME_HasVectorState(%rdi)     // and NeedsFullReturn, its other half
    jne return_fully
    ldmxcsr FRAME_Mxcsr(%rdi)       // stmxcsr stored it, or it is the default: nothing to mask
    .irp r, PLAIN
    mov FRAME_\r(%rdi), %\r
    .endr
    mov FRAME_Rsp(%rdi), %rsp
    mov FRAME_rdi(%rdi), %rdi
    sysretq                         // rip = rcx, rflags = r11

// The same process goes on: most calls do not come back so, and pay no jump.
clear_vectors:
    testb $FEATURE_AVX, CPU(CPU_FEATURES)
    jz 1f
    vzeroall
    jmp vectors_are_clear
1:  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    pxor %xmm\n, %xmm\n
    .endr
    jmp vectors_are_clear

// All registers: after a fault, an interrupt or a Linux call.
return_fully:
    andl $MXCSR_BITS, FRAME_Mxcsr(%rdi)
    andl $MXCSR_BITS, FRAME_VectorState+24(%rdi)
    ldmxcsr FRAME_Mxcsr(%rdi)
    cmpl $0, FRAME_HasVectorState(%rdi)
    je 1f
    mov $VECTOR_STATE, %eax
    xor %edx, %edx
    xrstor64 FRAME_VectorState(%rdi)
1:  pushq $USER_DATA
    pushq FRAME_Rsp(%rdi)
    push %r11
    pushq $USER_CODE
    push %rcx
    .irp r, rcx, r11, PLAIN, rdi
    mov FRAME_\r(%rdi), %\r
    .endr
    iretq

// `syscall`: rcx = rip, r11 = rflags, rsp unchanged; SFMASK has cleared IF TF DF NT AC.
.global syscall_entry
syscall_entry:
    mov %rsp, CPU(CPU_SAVED_RSP)
    mov CPU(CPU_FRAME), %rsp
    test %rsp, %rsp
    jz syscall_of_kernel
    movq $0, CPU(CPU_FRAME)
    .irp r, rdi, PLAIN
    mov %\r, FRAME_\r(%rsp)
    .endr
    mov %rcx, FRAME_Rip(%rsp)
    mov %r11, FRAME_Rflags(%rsp)
    mov CPU(CPU_SAVED_RSP), %rcx
    mov %rcx, FRAME_Rsp(%rsp)
    cmp $0x1000, %rax               // Shared.Abi.SystemCall.First; below: the Linux personality
    jb syscall_of_linux
    movq $0, FRAME_HasVectorState(%rsp)
    stmxcsr FRAME_Mxcsr(%rsp)
    xor %eax, %eax

// The user's registers are in its frame; eax is what cpu_resume returns.
to_kernel:
    fninit
    ldmxcsr CPU(CPU_KERNEL_MXCSR)
    mov CPU(CPU_KERNEL_FS), %rdx
    wrfsbase %rdx
    mov CPU(CPU_KERNEL_RSP), %rsp
    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx
    ret

syscall_of_linux:
    mov %rsp, %rdi
    movl $0, FRAME_NeedsFullReturn(%rdi)
    xor %esi, %esi
// The same with the vectors; rdi is the frame, esi what cpu_resume returns.
to_kernel_with_vectors:
    movl $1, FRAME_HasVectorState(%rdi)
    mov $VECTOR_STATE, %eax
    xor %edx, %edx
    xsave64 FRAME_VectorState(%rdi)
    mov %esi, %eax
    jmp to_kernel

.macro PUSH_ALL
    .irp r, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
    push %\r
    .endr
.endm

// A Linux call of the kernel's own runtime: the same record as for a fault, on the shim's stack.
syscall_of_kernel:
    lea shim_stack_top(%rip), %rsp
    pushq $KERNEL_DATA
    pushq CPU(CPU_SAVED_RSP)
    push %r11
    pushq $KERNEL_CODE
    push %rcx
    pushq $0
    pushq $0
    PUSH_ALL
    mov %rsp, %rdi
    call shim_syscall
return_to_ring0:
    .irp r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
    pop %\r
    .endr
    add $16, %rsp
    iretq

// Vectors 0..63, 16 bytes each. Vol. 3, 6.15: which push an error code.
.balign 16
.global trap_stubs
trap_stubs:
.set vector, 0
.rept 64
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 \
        || vector == 29 || vector == 30)
    pushq $0
    .endif
    pushq $vector
    .if vector == 2 || vector == 8 || vector == 18
    jmp trap_stop
    .else
    jmp trap_common
    .endif
    .set vector, vector + 1
.endr

trap_stop:                          // NMI, double fault, machine check: say so and stop
    cld
    PUSH_ALL
    mov %rsp, %rdi
    call shim_stop

// On the stack: vector, error code, rip, cs, rflags, rsp, ss.
trap_common:
    cld
    testb $FEATURE_SMAP, CPU(CPU_FEATURES)
    jz 1f
    clac
1:  testb $3, 24(%rsp)
    jz trap_from_ring0
    push %rdi
    mov CPU(CPU_FRAME), %rdi
    movq $0, CPU(CPU_FRAME)
    .irp r, rcx, r11, PLAIN
    mov %\r, FRAME_\r(%rdi)
    .endr
    popq FRAME_rdi(%rdi)
    pop %rcx
    mov %rcx, FRAME_Vector(%rdi)
    popq FRAME_ErrorCode(%rdi)
    popq FRAME_Rip(%rdi)
    add $8, %rsp
    popq FRAME_Rflags(%rdi)
    popq FRAME_Rsp(%rdi)
    mov %cr2, %rax
    mov %rax, FRAME_FaultAddress(%rdi)
    movl $1, FRAME_NeedsFullReturn(%rdi)
    mov $1, %esi
    sub $32, %ecx
    jb to_kernel_with_vectors
    bts %ecx, CPU(CPU_PENDING)
    mov $2, %esi
    jmp to_kernel_with_vectors

trap_from_ring0:
    PUSH_ALL
    mov 15*8(%rsp), %ecx
    sub $32, %ecx
    jb 1f
    bts %ecx, CPU(CPU_PENDING)
    jmp return_to_ring0
1:  mov %rsp, %rdi
    call shim_fault
    jmp return_to_ring0

// void cpu_idle(): returns when a bit is pending. sti takes effect after hlt has begun (Vol. 2).
.global cpu_idle
cpu_idle:
    cmpl $0, CPU(CPU_PENDING)
    jne 1f
    sti
    hlt
    cli
1:  ret

// void copy_blocks(from, to, count), of 256 bytes: twice as far with each instruction as C# may,
// whose compiler has one set of instructions for all processors.
.global copy_blocks
copy_blocks:
    .irp n, 0,1,2,3,4,5,6,7
    vmovdqu 32*\n(%rdi), %ymm\n
    .endr
    .irp n, 0,1,2,3,4,5,6,7
    vmovdqu %ymm\n, 32*\n(%rsi)
    .endr
    add $256, %rdi
    add $256, %rsi
    dec %rdx
    jnz copy_blocks
    vzeroupper
    ret

// void clear_blocks(to, count)
.global clear_blocks
clear_blocks:
    vpxor %xmm0, %xmm0, %xmm0
1:  .irp n, 0,1,2,3,4,5,6,7
    vmovdqu %ymm0, 32*\n(%rdi)
    .endr
    add $256, %rdi
    dec %rsi
    jnz 1b
    vzeroupper
    ret

.section .rodata
.balign 64
clean_vectors:                      // XSAVE image in which no part is in use: Vol. 1, 13.4
    .zero 24
    .long 0x1F80                    // loaded all the same
    .zero 512 + 64 - 28
.section .note.GNU-stack,"",@progbits
