using Quorate.Cli.Txn;

namespace Quorate.Cli.Tests;

public sealed class TxnTextTests
{
    [Fact]
    public void Three_sections_are_read()
    {
        (Client.Condition[] when, Client.Operation[] then, Client.Operation[] otherwise) = TxnText.Parse(
            ["value(\"a )key\") = \"x y\"", "mod(\"b\") > \"7\"", "", "put a \"hello \\\"you\\\"\"", "del b", "", "get a --prefix"]);
        Assert.Equal((2, 2, 1), (when.Length, then.Length, otherwise.Length));
    }

    [Theory]
    [InlineData("value(a = \"x\"")]
    [InlineData("size(\"a\") = \"1\"")]
    [InlineData("version(\"a\") >= \"1\"")]
    [InlineData("version(\"a\") > \"many\"")]
    [InlineData("value(\"a\") = \"x")]
    [InlineData("|put a")]
    [InlineData("|drop a")]
    [InlineData("|put a b --prefix")]
    [InlineData("|||get a")]
    public void What_makes_no_sense_is_named(string text)
    {
        FormatException exception = Assert.Throws<FormatException>(() => TxnText.Parse(text.Split('|')));
        Assert.Contains(text.Trim('|'), exception.Message, StringComparison.Ordinal);
    }
}
