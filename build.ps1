#!/bin/sh
# The same door for sh and for PowerShell: build.ps1 VERB is dotnet run build.cs VERB.
#
# Rules: sh runs what stands before its exit. PowerShell takes that part for a block comment (its
# escape character hides the first hash from it, sh runs a comment there) and runs the rest.
echo `# <#` > /dev/null

if ! command -v dotnet > /dev/null 2>&1; then
    echo "error: dotnet is not installed: the .NET 10 SDK is all that is needed" >&2
    exit 1
fi
exec dotnet run --file "$(dirname "$0")/build.cs" -- "$@"
exit 1
#> > $null

if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
    $what = "dotnet is not installed: the .NET 10 SDK is all that is needed"
    [Console]::Error.WriteLine("error: $what")
    exit 1
}
& dotnet run --file (Join-Path $PSScriptRoot "build.cs") -- @args
exit $LASTEXITCODE
