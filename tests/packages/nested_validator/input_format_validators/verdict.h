enum { RIGHT = 42 };
