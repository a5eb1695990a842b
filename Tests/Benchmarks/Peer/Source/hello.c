/* hello: the smallest ordinary C program. */
int main(void)
{
    return 0;
}
