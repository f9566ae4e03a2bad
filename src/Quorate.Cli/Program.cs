using Quorate.Cli.Commands;
using Quorate.Cli.Serve;
using Quorate.Cli.Shell;

ChildProcess.ObeyParent();
using Signals signals = new();
return await Root.RunAsync(args, Terminal.OfProcess(), signals.Stop).ConfigureAwait(false);
