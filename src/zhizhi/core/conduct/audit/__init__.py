"""The law read backwards: contacts that have happened, judged by the rules that stood when they did."""
