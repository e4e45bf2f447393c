"""What is said: the nouns of Dailies and the rules between them. No I/O, no clock, no randomness.

A person's **request** belongs to a **shot** (a thread) as one of its **takes**. An **execution**
is one attempt to fulfil it at one **offer**: a **model** at a **gateway**. It ends in exactly one
**outcome**; a success leaves a **video** in our own store. Money is an **estimate** before,
**reserved** during and **billed** after, in integer micro-dollars. Times are Unix seconds (UTC).
"""
