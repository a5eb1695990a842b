// Carries the C# kernel: makes the page tables, loads its ELF image, and answers the Linux calls of
// its runtime (about 25, all during start-up). Everything that decides anything is in C#.
//
// Compiled with -mgeneral-regs-only: nothing here may touch a vector register of the kernel.
// Owns one physical range, for page tables and the kernel's heap; C# owns all other frames.
#include <stdint.h>
#include <stddef.h>
#include "../Arch/X64/Trap.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define PAGE 4096ull
#define PAGE_UP(x) (((x) + PAGE - 1) & ~(PAGE - 1))
#define PRESENT 1ull
#define WRITABLE 2ull
#define GLOBAL 0x100ull
#define NO_EXECUTE (1ull << 63)
#define FRAME_BITS 0x000FFFFFFFFFF000ull

#define IMAGE_FIRST 0x40000000ull           // Shared.Abi.AddressMap.UserLowEnd
#define IMAGE_END 0x80000000ull
#define HEAP_FIRST 0x7E8000000000ull        // one top-level entry: 512 GiB
#define HEAP_END 0x7F0000000000ull
#define STACK_TOP 0x7F8000000000ull         // another
#define STACK_BYTES 0x80000ull
#define KERNEL_MEMORY (28ull << 20)         // physical range of the kernel's own heap
#define LOWEST_RAM (63ull << 20)            // of 64 MiB a part is the firmware's

#define ENOENT 2
#define EINVAL 22
#define ENOSYS 38

struct regs { u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax,
              vector, error, rip, cs, rflags, rsp, ss; };

struct cpu { u64 frame, kernel_rsp, saved_rsp, kernel_fs, root; u32 pending, features;
             u32 kernel_mxcsr, unused; u64 heap_next, heap_end; } cpu =
             { .kernel_mxcsr = 0x1F80 };
_Static_assert(offsetof(struct cpu, pending) == CPU_PENDING, "Trap.h");
_Static_assert(offsetof(struct cpu, kernel_mxcsr) == CPU_KERNEL_MXCSR, "Trap.h");
_Static_assert(offsetof(struct cpu, heap_end) == CPU_HEAP_END, "Trap.h");

extern u64 gdt[], boot_pointers[];
extern char trap_stubs[], syscall_entry[], cpu_resume[], cpu_idle[], copy_blocks[], clear_blocks[];
extern char shim_text[], shim_rodata[], shim_data[], shim_end[], shim_stack_top[];

static u64 root_table[512] __attribute__((aligned(4096)));
static u64 idt[512];
static u8 task_state[104] __attribute__((aligned(16)));
static u8 stacks[5][16384];                 // interrupts, faults, and three that stop
static u64 image_end, break_end, heap_bottom = HEAP_END, ram_bytes;
static u64 handlers[65][4];                 // as rt_sigaction has them: handler flags restorer mask

static void write_msr(u32 msr, u64 v)
{ __asm__ volatile("wrmsr" ::"c"(msr), "a"((u32)v), "d"((u32)(v >> 32))); }
static u64 read_cr2(void) { u64 v; __asm__ volatile("mov %%cr2,%0" : "=r"(v)); return v; }
static void *direct(u64 physical) { return (void *)(DIRECT_MAP + physical); }

static void invalidate(u64 address) { __asm__ volatile("invlpg (%0)" ::"r"(address) : "memory"); }

// What C# calls through hand_over: ordinary C functions.
static u64 read_tsc(void)
{ u32 a, d; __asm__ volatile("rdtsc" : "=a"(a), "=d"(d)); return (u64)d << 32 | a; }

static u64 read_ns(void);

static u64 read_random(void)
{
    u64 value;
    u8 ok = 0;
    for (int i = 0; i < 10 && !ok && (cpu.features & FEATURE_RDRAND); i++)
        __asm__ volatile("rdrand %0; setc %1" : "=r"(value), "=q"(ok));
    return ok ? value : read_tsc() * 0x9E3779B97F4A7C15;
}

// Kind: width in bytes; 8 more to write.
static u32 use_port(u32 port, u32 kind, u32 value)
{
    switch (kind) {
    case 1: __asm__ volatile("inb %w1,%b0" : "+a"(value) : "d"(port)); break;
    case 2: __asm__ volatile("inw %w1,%w0" : "+a"(value) : "d"(port)); break;
    case 4: __asm__ volatile("inl %w1,%0" : "=a"(value) : "d"(port)); break;
    case 9: __asm__ volatile("outb %b0,%w1" ::"a"(value), "d"(port)); break;
    case 10: __asm__ volatile("outw %w0,%w1" ::"a"(value), "d"(port)); break;
    case 12: __asm__ volatile("outl %0,%w1" ::"a"(value), "d"(port)); break;
    }
    return value;
}
static void out8(u32 port, u32 value) { use_port(port, 9, value); }

static void load_root(u64 root)
{ cpu.root = root; __asm__ volatile("mov %0,%%cr3" ::"r"(root) : "memory"); }

static void add_cr4(u64 bits)
{
    u64 value;
    __asm__ volatile("mov %%cr4,%0; or %1,%0; mov %0,%%cr4" : "=&r"(value) : "r"(bits));
}

// Boot/HandOver.cs has the same layout; `version` changes with it.
static struct {
    u64 version;
    void *resume, *idle, *read_tsc, *read_ns, *random, *use_port, *invalidate, *load_root, *add_cr4;
    void *copy_blocks, *clear_blocks;
    u64 tsc_first, ns_per_tick;
    void *cpu; u64 root;
    void *direct_map, *multiboot; u64 shim_end, heap_first;
} hand_over = { 0x434F534D4F530005, cpu_resume, cpu_idle, read_tsc, read_ns, read_random, use_port,
                invalidate, load_root, add_cr4, 0, 0, 0, 0, &cpu, 0, boot_pointers, 0,
                (u64)shim_end - SHIM_BASE, 0 };

// In C because C# multiplies to 128 bits without help of the processor: 70 instructions more.
static u64 read_ns(void)
{ return (__uint128_t)(read_tsc() - hand_over.tsc_first) * hand_over.ns_per_tick >> 32; }

static void put(const char *text, u64 length)
{
    for (u64 i = 0; i < length; i++) {
        for (int wait = 0; wait < 100000 && !(use_port(0x3FD, 1, 0) & 0x20); wait++) {}
        out8(0x3F8, text[i]);
    }
}

static u64 length_of(const char *text) { u64 n = 0; while (text[n]) n++; return n; }
static void print(const char *text) { put(text, length_of(text)); }
static char *hex(u64 value)
{
    static char text[17];
    for (int i = 0; i < 16; i++) text[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
    return text;
}

static void __attribute__((noreturn)) leave(u32 code)
{ for (out8(0xF4, code);;) __asm__ volatile("cli; hlt"); }

static void __attribute__((noreturn)) stop(const char *why)
{
    print("\ncosmos: panic: ");
    print(why);
    print("\n");
    leave(EXIT_PANIC);
}

#include "Processor.h"

// NMI, double fault, machine check, and a fault that the kernel's runtime cannot have.
void __attribute__((noreturn)) shim_stop(struct regs *r)
{
    print("\ncosmos: exception in the kernel; cr2, r15 to r8, rdi rsi rbp rbx, rdx rcx rax, vector"
        " error rip cs, flags rsp ss:\n");
    print(hex(read_cr2()));
    for (int i = 0; i < 22; i++) {
        print(i % 4 == 0 ? "\n" : " ");
        print(hex(((u64 *)r)[i]));
    }
    u64 *stack = (u64 *)r->rsp;
    print("\nreturn addresses on the stack:");
    for (int i = 0; i < 128 && ((u64)(stack + i) & 0xFFFF); i++)
        if (stack[i] >= IMAGE_FIRST && stack[i] < image_end) { print(" "); print(hex(stack[i])); }
    stop("hardware exception");
}

// ---- Memory of the kernel itself.

void *memset(void *to, int value, size_t n)
{
    for (u8 *at = to; n > 0; n--) *at++ = value;
    return to;
}
void *memcpy(void *to, const void *from, size_t n)
{
    for (u8 *at = to, *end = at + n; at < end;) *at++ = *(const u8 *)from++;
    return to;
}

static void clear_page(void *to)
{
    u64 count = PAGE / 8;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(count) : "a"(0ull) : "memory");
}

static u64 take_frame(void)
{
    u64 frame = cpu.heap_next;
    if (frame >= cpu.heap_end) stop("the kernel's own memory is used up");
    cpu.heap_next += PAGE;
    clear_page(direct(frame));
    return frame;
}

static u64 *entry_of(u64 address, int make)
{
    u64 *table = root_table;
    for (int shift = 39; shift > 12; shift -= 9) {
        u64 *entry = &table[address >> shift & 511];
        if (!*entry) {
            if (!make) return 0;
            *entry = take_frame() | PRESENT | WRITABLE;
        }
        table = direct(*entry & FRAME_BITS);
    }
    return &table[address >> 12 & 511];
}

// A range of the heap reads as zero again. It keeps its frames: the runtime hardly ever does this.
static void drop(u64 first, u64 end)
{
    for (u64 at = first; at < end; at += PAGE) {
        u64 *entry = entry_of(at, 0);
        if (!entry) at = ((at + (2 << 20)) & ~((2ull << 20) - 1)) - PAGE;
        else if (*entry) clear_page(direct(*entry & FRAME_BITS));
    }
}

// The runtime opens one page of its constants for a moment. Never writable and executable at once.
static void protect(u64 first, u64 end, u64 access)
{
    if (first < IMAGE_FIRST || end > image_end) return;     // the heap stays as it is
    for (u64 at = first & ~(PAGE - 1); at < end; at += PAGE) {
        u64 *entry = entry_of(at, 0), flags = access & 2 ? WRITABLE | NO_EXECUTE
            : access & 4 ? 0 : NO_EXECUTE;
        if (entry && *entry) *entry = (*entry & ~(WRITABLE | NO_EXECUTE)) | flags;
        invalidate(at);
    }
}

static int is_demand_zero(u64 address)
{
    return (address >= heap_bottom && address < HEAP_END)
        || (address >= image_end && address < break_end)
        || (address >= STACK_TOP - STACK_BYTES && address < STACK_TOP);
}

// ---- The kernel's runtime: its faults become Linux signals, its calls are answered.

// Index in struct regs of each of the 18 first registers of a Linux sigcontext.
static const u8 signal_order[18] =
    { 7, 6, 5, 4, 3, 2, 1, 0, 8, 9, 10, 11, 12, 14, 13, 20, 17, 19 };
struct signal_frame { u64 restorer, flags, link, stack[3], registers[18], selectors, error, vector,
                      old_mask, cr2, vectors, reserved[8], mask[16]; u32 info[32]; };

void shim_fault(struct regs *r)
{
    u64 cr2 = read_cr2();
    if (r->vector == 14 && !(r->error & 1) && is_demand_zero(cr2)) {
        *entry_of(cr2, 1) = take_frame() | PRESENT | WRITABLE | GLOBAL | NO_EXECUTE;
        return;
    }
    if (r->vector == 1) return;             // a step flag that ring 3 left: Vol. 3, 6.8.3
    int signal = r->vector == 0 ? 8 : r->vector == 13 || r->vector == 14 ? 11 : 0;
    if (!handlers[signal][0] || r->rip < IMAGE_FIRST || r->rip >= image_end
        || r->rsp < STACK_TOP - STACK_BYTES + 8 * PAGE || r->rsp > STACK_TOP)
        shim_stop(r);
    u64 place = ((r->rsp - 128 - sizeof(struct signal_frame)) & ~63ull) - 8;
    struct signal_frame *f = (void *)place;
    u64 address = r->vector == 14 ? cr2 : r->rip;
    *f = (struct signal_frame){ .restorer = handlers[signal][2],
        .selectors = r->cs | r->ss << 48, .error = r->error, .vector = r->vector, .cr2 = cr2,
        .info = { signal, 0, 1, 0, address, address >> 32 } };
    for (int i = 0; i < 18; i++) f->registers[i] = ((u64 *)r)[signal_order[i]];
    r->rdi = signal;
    r->rsi = (u64)f->info;
    r->rdx = (u64)&f->flags;
    r->rax = 0;
    r->rip = handlers[signal][0];
    r->rsp = place;
}

static void signal_return(struct regs *r)
{
    struct signal_frame *f = (void *)(r->rsp - 8);
    for (int i = 0; i < 18; i++) ((u64 *)r)[signal_order[i]] = f->registers[i];
    r->rflags = 2;
}

static void fill_random(u64 to, u64 length)
{ for (u64 i = 0; i < length; i++) ((u8 *)to)[i] = read_random() >> 24; }

// Numbers and answers are Linux's; what is not here is -ENOSYS, which the runtime takes well.
void shim_syscall(struct regs *r)
{
    u64 a = r->rdi, b = r->rsi, c = r->rdx, d = r->r10;
    int64_t result = 0;
    switch (r->rax) {
    case 0: case 3: case 14: case 24: case 131: case 149: case 157: case 202: case 273:
        break;      // read close sigprocmask sched_yield sigaltstack mlock prctl futex robust list
    case 1: put((char *)b, c); result = c; break;
    case 9:         // mmap: a range that is zero on first touch
        if (d & 0x10) { drop(a, a + PAGE_UP(b)); result = a; break; }
        if (b > heap_bottom - HEAP_FIRST - PAGE) { result = -12; break; }
        heap_bottom -= PAGE_UP(b);
        result = heap_bottom;
        break;
    case 10: protect(a, a + PAGE_UP(b), c); break;
    case 11: drop(a, a + PAGE_UP(b)); break;
    case 28: if (c == 4) drop(a, a + PAGE_UP(b)); break;
    case 12: if (a >= break_end && a < IMAGE_END) break_end = a; result = break_end; break;
    case 13:
        if (a > 64) { result = -EINVAL; break; }
        if (c) memcpy((void *)c, handlers[a], 32);
        if (b) memcpy(handlers[a], (void *)b, 32);
        break;
    case 15: signal_return(r); return;
    case 39: case 186: case 218: result = 1; break;         // getpid gettid set_tid_address
    case 60: case 231: stop("the kernel's runtime has ended");
    case 234: stop("the kernel's runtime aborts");
    case 99:        // sysinfo: total and free memory
        memset((void *)a, 0, 112);
        ((u64 *)a)[4] = ((u64 *)a)[5] = ram_bytes;
        *(u32 *)(a + 104) = 1;
        break;
    case 158:
        if (a != 0x1002) { result = -EINVAL; break; }
        cpu.kernel_fs = b;
        write_msr(0xC0000100, b);
        break;
    case 204: *(u64 *)c = 1; result = 8; break;             // sched_getaffinity
    case 228: ((u64 *)b)[0] = read_tsc() / 1000000000; ((u64 *)b)[1] = read_tsc() % 1000000000;
        break;
    case 257: result = -ENOENT; break;
    case 302:       // prlimit: stack 512 KiB, the rest without limit
        if (d) { ((u64 *)d)[0] = b == 3 ? STACK_BYTES : ~0ull; ((u64 *)d)[1] = ~0ull; }
        break;
    case 318: fill_random(a, b); result = b; break;
    case 324: result = a ? 0 : 0x3FF; break;                // membarrier: all of it, at once
    case 435:       // clone3: the finalizer's thread exists on paper, and never runs
        if (((u64 *)a)[3]) *(u32 *)((u64 *)a)[3] = 2;
        result = 2;
        break;
    default: result = -ENOSYS;
    }
    r->rax = result;
}

// ---- Start.

static void map(u64 address, u64 physical, u64 flags)
{ *entry_of(address, 1) = physical | PRESENT | GLOBAL | flags; }

// The direct map is the first 4 GiB; Boot/Platform.cs makes the real one.
static void make_tables(void)
{
    root_table[256] = ((u64)boot_pointers - SHIM_BASE) | PRESENT | WRITABLE | NO_EXECUTE;
    for (u64 at = (u64)shim_text; at < (u64)shim_end; at += PAGE)
        map(at, at - SHIM_BASE, at < (u64)shim_rodata ? 0
            : at < (u64)shim_data ? NO_EXECUTE : NO_EXECUTE | WRITABLE);
    entry_of(HEAP_END - PAGE, 1);           // top-level entries that every process will share
    entry_of(STACK_TOP - PAGE, 1);
    entry_of(IMAGE_FIRST, 1);
    load_root((u64)root_table - SHIM_BASE); // page 0 is unmapped from here on
}

static void gate(int vector, char *handler, u64 stack)
{
    u64 at = (u64)handler;
    idt[vector * 2] = (at & 0xFFFF) | KERNEL_CODE << 16 | stack << 32 | 0x8Eull << 40
        | (at >> 16 & 0xFFFF) << 48;
    idt[vector * 2 + 1] = at >> 32;
}

static void make_traps(void)
{
    // Faults of ring 0 need a stack of their own: compiled code keeps data below its rsp.
    for (int i = 0; i < 64; i++)
        gate(i, trap_stubs + 16 * i, i == 2 ? 2 : i == 8 ? 3 : i == 18 ? 4 : i < 32);
    for (int i = 0; i < 5; i++) {           // RSP0, IST1 to IST4: Vol. 3, 7.7
        u64 top = (u64)stacks[i + 1];
        memcpy(task_state + (i ? 28 + 8 * i : 4), &top, 8);
    }
    *(u16 *)(task_state + 102) = sizeof task_state;
    u64 at = (u64)task_state;
    gdt[5] = 103 | (at & 0xFFFFFF) << 16 | 0x89ull << 40 | (at >> 24 & 0xFF) << 56;
    gdt[6] = at >> 32;
    struct __attribute__((packed)) { u16 limit; u64 base; } idtr = { sizeof idt - 1, (u64)idt };
    __asm__ volatile("lidt %0; ltr %w1" ::"m"(idtr), "r"(TASK_STATE));
    write_msr(0xC0000081, (u64)KERNEL_CODE << 32 | 0x13ull << 48);  // STAR
    write_msr(0xC0000082, (u64)syscall_entry);                      // LSTAR
    write_msr(0xC0000084, 0x3FFFFD);                                // SFMASK: every flag
}

// Text and data are used where the boot loader put them; only pages that a segment shares with its
// neighbour or with zeroes are copied.
static u64 load_kernel(u64 file, u64 length)
{
    u8 *elf = direct(file);
    if (length < 64 || *(u32 *)elf != 0x464C457F) stop("the first module is not the kernel");
    u8 *header = elf + *(u64 *)(elf + 32);
    for (int i = 0; i < *(u16 *)(elf + 56); i++, header += 56) {
        if (*(u32 *)header != 1) continue;
        u32 access = *(u32 *)(header + 4);
        u64 offset = *(u64 *)(header + 8), first = *(u64 *)(header + 16);
        u64 file_end = first + *(u64 *)(header + 32), end = first + *(u64 *)(header + 40);
        if (first < IMAGE_FIRST || end > IMAGE_END || (access & 3) == 3 || file % PAGE)
            stop("the kernel's image has a bad segment");
        for (u64 at = first & ~(PAGE - 1); at < end; at += PAGE) {
            u64 place = file + offset + at - first;
            if ((access & 2) && (at < first || at + PAGE > file_end)) {
                u64 frame = take_frame(), rest = file_end > at ? file_end - at : 0;
                memcpy(direct(frame), direct(place), rest < PAGE ? rest : PAGE);
                place = frame;
            }
            map(at, place, access & 1 ? 0 : access & 2 ? NO_EXECUTE | WRITABLE : NO_EXECUTE);
        }
        if (end > image_end) image_end = PAGE_UP(end);
    }
    break_end = image_end;
    return *(u64 *)(elf + 24);
}

// Arguments, environment and auxiliary vector as Linux would put them (System V ABI, 3.4.1). libc
// is told not to fill and copy with string instructions, for the reason that StartBlock.cs gives.
static u64 make_stack(u64 entry, u8 *elf)
{
    static const char tunables[] = "GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=0x7fffffff:"
        "glibc.cpu.x86_rep_movsb_threshold=0x7fffffff";     // libc writes to its copy
    char *text = (char *)(STACK_TOP - 1024);
    u64 *at = (u64 *)(STACK_TOP - 2048), *sp = at;
    fill_random(STACK_TOP - 64, 16);
    *at++ = 2;
    *at++ = (u64)"kernel";
    *at++ = (u64)text;
    memcpy(text, hex((u64)&hand_over), 17);
    memcpy(text + 32, tunables, sizeof tunables);
    *at++ = 0;
    *at++ = (u64)text + 32;
    *at++ = 0;
    u64 vector[] = { 3, IMAGE_FIRST + *(u64 *)(elf + 32), 4, 56, 5, *(u16 *)(elf + 56), 6, PAGE,
        9, entry, 11, 0, 12, 0, 13, 0, 14, 0, 17, 100, 23, 0, 25, STACK_TOP - 64, 0, 0 };
    memcpy(at, vector, sizeof vector);
    return (u64)sp;
}

// Where the kernel's own memory can begin if it may not overlap this.
static u64 beyond(u64 at, u64 first, u64 length)
{ return at < first + length && first < at + KERNEL_MEMORY ? PAGE_UP(first + length) : at; }

// The first free place in the first GiB. Modules and the boot loader's records (multiboot 1, 3.3)
// lie anywhere in what it calls usable RAM; its texts are shorter than a page.
static void find_heap(u32 *info)
{
    u32 *row = direct(info[12]), *end = direct(info[12] + info[11]), *module = direct(info[6]);
    for (; row < end; row = (void *)row + *row + 4) {
        u64 at = PAGE_UP(*(u64 *)(row + 1)), last = *(u64 *)(row + 1) + *(u64 *)(row + 3);
        if (row[5] != 1) continue;
        ram_bytes += *(u64 *)(row + 3);
        for (u64 before = ~0ull; at != before;) {
            before = at;
            at = beyond(beyond(at, 0, (u64)shim_end - SHIM_BASE), info[4], PAGE);
            at = beyond(beyond(at, (u64)info - DIRECT_MAP, PAGE), info[12], info[11]);
            at = beyond(at, info[6], 16 * info[5]);
            for (u32 *m = module; m < module + 4 * info[5]; m += 4)
                at = beyond(beyond(at, m[0], m[1] - m[0]), m[2], PAGE);
        }
        if (cpu.heap_next || at + KERNEL_MEMORY > last || at + KERNEL_MEMORY > 1 << 30) continue;
        hand_over.heap_first = cpu.heap_next = at, cpu.heap_end = at + KERNEL_MEMORY;
    }
}

struct start { u64 entry, stack; };

struct start shim_main(u32 info)
{
    static const u8 serial[] = { 1, 0, 3, 0x80, 0, 1, 1, 0, 3, 3, 2, 0xC7, 4, 3 };
    for (u64 i = 0; i < sizeof serial; i += 2) out8(0x3F8 + serial[i], serial[i + 1]);
    check_processor();
    enable_vectors();
    u32 *multiboot = direct(info), *module = direct(multiboot[6]);
    if (multiboot[5] == 0) stop("no kernel image: it must be the first module");
    u64 kernel = module[0], kernel_end = module[1];
    find_heap(multiboot);
    if (ram_bytes < LOWEST_RAM || !cpu.heap_next) stop("too little memory for the boot archive");
    make_tables();
    make_traps();
    u64 entry = load_kernel(kernel, kernel_end - kernel);
    hand_over.root = cpu.root;
    hand_over.multiboot = multiboot;
    return (struct start){ entry, make_stack(entry, direct(kernel)) };
}
