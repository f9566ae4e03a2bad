using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// The commands of this node's own clients, by counter, from the moment they arrive until they are applied, refused or timed
/// out. A command is sent under one ballot, more than once if need be, and under no other until it is known that it can no
/// longer be applied under that one.
/// </summary>
internal sealed class PendingRequests(int capacity)
{
    private readonly RingList<Slot> _slots = new();
    private readonly RingList<ulong> _unsent = new();
    private ulong _first = 1;
    private bool _unsentIsStale;

    private enum SlotState : byte
    {
        Unsent,
        Sent,
        SendAgain,
        Done,
    }

    public bool HasUnsent => _unsent.Count > 0 || _unsentIsStale;

    /// <summary>The counter of the next command.</summary>
    public ulong Next => _first + (ulong)_slots.Count;

    /// <summary>Takes a command in; false when too many are waiting.</summary>
    public bool TryAdd(ulong token, ReadOnlyMemory<byte> command, Instant deadline, out ulong counter)
    {
        counter = Next;
        if (_slots.Count >= capacity)
        {
            return false;
        }

        _slots.Add(new Slot(token, command, Ballot.Zero, deadline, SlotState.Unsent));
        _unsent.Add(counter);
        return true;
    }

    /// <summary>The oldest command that is to be sent, and may be under this ballot; false when there is none.</summary>
    public bool TryPeekUnsent(Ballot ballot, out ulong counter, out ReadOnlyMemory<byte> command)
    {
        RebuildUnsent();
        while (_unsent.Count > 0)
        {
            counter = _unsent[0];
            if (TryFind(counter, out Slot slot) && slot.MaySendUnder(ballot))
            {
                command = slot.Command;
                return true;
            }

            _unsent.RemoveFirst(1);
        }

        counter = 0;
        command = default;
        return false;
    }

    /// <summary>The command that was just peeked goes out under this ballot.</summary>
    public void MarkSent(ulong counter, Ballot ballot)
    {
        Invariant.Check(_unsent.Count > 0 && _unsent[0] == counter, "Only the command peeked at can be sent.");
        _unsent.RemoveFirst(1);
        Set(counter, Get(counter) with { State = SlotState.Sent, SentUnder = ballot });
    }

    /// <summary>A command that was sent under <paramref name="ballot"/> surely was not proposed: it waits again.</summary>
    public void MarkUnsent(ulong counter, Ballot ballot)
    {
        if (TryFind(counter, out Slot slot) && slot.State == SlotState.Sent && slot.SentUnder == ballot)
        {
            Set(counter, slot with { State = SlotState.Unsent });
            _unsentIsStale = true;
        }
    }

    /// <summary>An entry of <paramref name="ballot"/> was applied: what was sent under an older one and is not applied never will be.</summary>
    /// <returns>Whether anything waits again because of it.</returns>
    public bool RequeueBefore(Ballot ballot)
    {
        bool any = false;
        for (int i = 0; i < _slots.Count; i++)
        {
            Slot slot = _slots[i];
            if (slot.IsOut && slot.SentUnder < ballot)
            {
                _slots[i] = slot with { State = SlotState.Unsent };
                any = true;
            }
        }

        _unsentIsStale |= any;
        return any;
    }

    /// <summary>
    /// What was sent under <paramref name="ballot"/>, with a counter below <paramref name="end"/>, and is not answered goes out
    /// again under the same ballot, whose leader takes nothing twice.
    /// </summary>
    public void SendAgain(Ballot ballot, ulong end)
    {
        for (int i = 0; i < _slots.Count && _first + (ulong)i < end; i++)
        {
            Slot slot = _slots[i];
            if (slot.State == SlotState.Sent && slot.SentUnder == ballot)
            {
                _slots[i] = slot with { State = SlotState.SendAgain };
                _unsentIsStale = true;
            }
        }
    }

    /// <summary>Whether the command went out under this ballot and under no later one.</summary>
    public bool IsOutUnder(ulong counter, Ballot ballot) => TryFind(counter, out Slot slot) && slot.IsOut && slot.SentUnder == ballot;

    /// <summary>The command was applied or refused for good.</summary>
    /// <returns>Whether its client still waits, under <paramref name="token"/>.</returns>
    public bool TryFinish(ulong counter, out ulong token)
    {
        if (!TryFind(counter, out Slot slot) || slot.State == SlotState.Done)
        {
            token = 0;
            return false;
        }

        token = slot.Token;
        Set(counter, slot with { State = SlotState.Done, Command = default });
        DropFinished();
        return true;
    }

    /// <summary>The oldest command if its time is over; it is finished by this. <paramref name="mayApply"/> tells whether it was ever sent.</summary>
    public bool TryTakeOverdue(Instant now, out ulong token, out bool mayApply)
    {
        DropFinished();
        if (_slots.Count == 0 || _slots[0].Deadline > now)
        {
            token = 0;
            mayApply = false;
            return false;
        }

        Slot oldest = _slots[0];
        token = oldest.Token;
        mayApply = oldest.IsOut;
        _slots[0] = oldest with { State = SlotState.Done };
        DropFinished();
        return true;
    }

    /// <summary>Takes every command that was sent, because what became of it can no longer be known here.</summary>
    public void TakeSent(List<ulong> tokens)
    {
        for (int i = 0; i < _slots.Count; i++)
        {
            Slot slot = _slots[i];
            if (slot.IsOut)
            {
                tokens.Add(slot.Token);
                _slots[i] = slot with { State = SlotState.Done };
            }
        }

        DropFinished();
    }

    /// <summary>Puts what waits again in its order: once for all of it, when it is next looked at.</summary>
    private void RebuildUnsent()
    {
        if (!_unsentIsStale)
        {
            return;
        }

        _unsentIsStale = false;
        _unsent.Clear();
        for (int i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].State is SlotState.Unsent or SlotState.SendAgain)
            {
                _unsent.Add(_first + (ulong)i);
            }
        }
    }

    private void DropFinished()
    {
        while (_slots.Count > 0 && _slots[0].State == SlotState.Done)
        {
            _slots.RemoveFirst(1);
            _first++;
        }
    }

    private bool TryFind(ulong counter, out Slot slot)
    {
        if (counter < _first || counter - _first >= (ulong)_slots.Count)
        {
            slot = default;
            return false;
        }

        slot = _slots[(int)(counter - _first)];
        return true;
    }

    private Slot Get(ulong counter) => _slots[(int)(counter - _first)];

    private void Set(ulong counter, Slot slot) => _slots[(int)(counter - _first)] = slot;

    private readonly record struct Slot(ulong Token, ReadOnlyMemory<byte> Command, Ballot SentUnder, Instant Deadline, SlotState State)
    {
        /// <summary>Whether it may have been proposed.</summary>
        public bool IsOut => State is SlotState.Sent or SlotState.SendAgain;

        public bool MaySendUnder(Ballot ballot) =>
            State == SlotState.Unsent || (State == SlotState.SendAgain && SentUnder == ballot);
    }
}
