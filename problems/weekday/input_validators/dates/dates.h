/* Whether there is such a day. */
#pragma once

int is_date(int year, int month, int day);
