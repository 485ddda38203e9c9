"""Teach it: cases as a teacher writes them, on the engine that counts a practice's own books."""
