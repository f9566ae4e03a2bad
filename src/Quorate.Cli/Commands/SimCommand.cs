using System.CommandLine;
using System.Globalization;
using Quorate.Cli.Serve;
using Quorate.Cli.Shell;
using Quorate.Cli.Sim;

namespace Quorate.Cli.Commands;

internal static class SimCommand
{
    private const int DefaultSeeds = 100;

    public static Command Create(Terminal terminal)
    {
        Option<int?> seeds = LayeredOption.Create<int?>("--seeds", $"How many seeds; {DefaultSeeds} when nothing is said.", null, text => (int)Values.Integer(text, 1, int.MaxValue), "N");
        Option<ulong?> from = LayeredOption.Create<ulong?>("--from", "The first seed; fresh ones unless said.", null, text => Seed(text), "S");
        Option<ulong?> seed = LayeredOption.Create<ulong?>("--seed", "This one seed: replays a run exactly.", null, text => Seed(text), "S");
        Option<double?> minutes = LayeredOption.Create<double?>("--minutes", "As many seeds as the time allows.", null, text => Values.Positive(text), "M");
        Option<string> protocol = LayeredOption.Create("--protocol", "raft, paxos or zab.", "raft", ServeOptions.Protocol, "NAME");
        Option<int?> nodes = LayeredOption.Create<int?>("--nodes", "How many nodes; each seed decides unless said.", null, text => (int)Values.Integer(text, 1, 9), "N");
        Option<string?> plant = LayeredOption.Text("--plant", "Plants this bug; 'list' prints their names, one a line.", null, "NAME|list");
        Option<string?> html = LayeredOption.Text("--html", "Writes a page about the run.", null, "FILE");
        Option<bool> json = StatusCommand.JsonOption();
        Command command = new("sim", "Runs clusters in a deterministic simulator with faults and checks every step. Exit code 1 on any violation, a planted one too.")
        {
            seeds, from, seed, minutes, protocol, nodes, plant, html, json,
        };
        command.SetRun(terminal, async (result, stop) =>
        {
            if (result.GetValue(plant) == "list")
            {
                foreach (string name in SimulationHost.Plants)
                {
                    terminal.Out.WriteLine(name);
                }

                return ExitCode.Done;
            }

            ulong? single = result.GetValue(seed);
            bool isTimed = result.GetValue(minutes) is not null;
            bool isCounted = result.GetValue(seeds) is not null;
            if ((single is not null ? 1 : 0) + (isTimed ? 1 : 0) + (isCounted ? 1 : 0) > 1 || (single is not null && result.GetValue(from) is not null))
            {
                throw CliException.Usage("--seed, --seeds with --from, and --minutes say different things: give one of them");
            }

            SimSettings settings = new(
                single ?? result.GetValue(from),
                single is not null ? 1 : isTimed ? null : result.GetValue(seeds) ?? DefaultSeeds,
                result.GetValue(minutes) is double length ? TimeSpan.FromMinutes(length) : null,
                result.GetValue(protocol)!,
                result.GetValue(nodes),
                result.GetValue(plant),
                result.GetValue(html),
                result.GetValue(json));
            return await SimulationHost.RunAsync(settings, terminal, stop).ConfigureAwait(false);
        });
        return command.WithExamples(
            "./quorate sim                              100 fresh seeds",
            "./quorate sim --seed 4711 --nodes 5        one run again, exactly",
            "./quorate sim --plant list");
    }

    private static ulong Seed(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
        ? seed
        : throw new FormatException($"'{text}' is not a seed: a whole number from 0");
}
