/* output: frames, shown to the user as lines and written without blocking.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <unistd.h>

#include "mux/output.h"

int
output_fill(struct output *s, struct fault *f)
{
	struct message m;
	int r;

	while (s->n == 0) {
		s->n = render_next(&s->show, s->buf, sizeof(s->buf));
		if (s->n > 0)
			break;
		s->whole.wanted = "td";
		r = inorder_feed(&s->whole, &s->p, &s->left, &m, f);
		if (r <= 0)
			return r;
		if (m.kind == FRAME_TEXT) {
			s->lines++;
			if (s->said)
				s->said(&m);
			render_begin(&s->show, &s->how, &m);
		} else if (m.kind == FRAME_DELIVERED) {
			s->receipts = 1;
			s->receipt = m.number;
		} else
			s->end = m.flags & FRAME_HANGUP ? OUTPUT_HUNG_UP
			                                : OUTPUT_FINISHED;
	}
	return 0;
}

int
output_read(struct output *s, int fd, struct fault *f)
{
	ssize_t n = read(fd, s->raw, sizeof(s->raw));

	if (n == -1 && errno != EINTR && errno != EAGAIN)
		return fault_sys(f, X_SYS, "cannot read frames");
	if (n == -1)
		return 0;
	s->p = s->raw;
	s->left = (size_t)n;
	s->eof = n == 0;
	return 0;
}

int
output_write(struct output *s, int fd, struct fault *f)
{
	ssize_t n = write(fd, s->buf + s->at, s->n - s->at);

	if (n == -1 && errno == EPIPE)
		return 1;
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		return fault_sys(f, X_SYS, "cannot write the output");
	if (n > 0)
		s->at += (size_t)n;
	if (s->at == s->n)
		s->at = s->n = 0;
	return 0;
}
