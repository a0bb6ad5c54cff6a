"""Team and routing: who carries how much, who is away, what nobody holds, and why a lead went where it went."""
