// A part of Shim.c: what the processor must have, and what of it is turned on before C# runs.

// x86-64-v2 and what we use besides: place in the four registers of the three leaves, bit, name.
static const struct { u8 place, bit; const char *name; } needed[] = {
    { 3, 0, "x87" }, { 3, 4, "TSC" }, { 3, 9, "APIC" }, { 2, 26, "XSAVE" }, { 3, 26, "SSE2" },
    { 2, 0, "SSE3" }, { 2, 9, "SSSE3" }, { 2, 13, "CX16" }, { 2, 19, "SSE4.1" },
    { 2, 20, "SSE4.2" }, { 2, 23, "POPCNT" }, { 7, 11, "SYSCALL" }, { 6, 0, "LAHF" },
    { 9, 0, "FSGSBASE" } };

static void check_processor(void)
{
    static const u32 leaves[] = { 1, 0x80000001, 7 };
    u32 found[12];
    for (int i = 0; i < 3; i++)
        __asm__("cpuid" : "=a"(found[4 * i]), "=b"(found[4 * i + 1]), "=c"(found[4 * i + 2]),
                          "=d"(found[4 * i + 3]) : "a"(leaves[i]), "c"(0));
    for (u64 i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (found[needed[i].place] >> needed[i].bit & 1) continue;
        print("cosmos: x86-64-v2 and FSGSBASE are needed, and this CPU lacks ");
        print(needed[i].name), print("\n");
        leave(EXIT_REFUSED);
    }
}

// Before the kernel's runtime looks what there is. Vol. 1, 13.3.
static void enable_vectors(void)
{
    u32 a = 0xD, b, c = 0, d;
    add_cr4(1 << 18);                       // OSXSAVE
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    __asm__ volatile("xsetbv" ::"a"(a & VECTOR_STATE), "d"(0), "c"(0));
    if (!(a & 4)) return;
    cpu.features = FEATURE_AVX;
    hand_over.copy_blocks = copy_blocks, hand_over.clear_blocks = clear_blocks;
}
