#define MOST {{most}}
