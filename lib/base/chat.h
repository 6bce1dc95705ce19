/* chat: the numbers and names that the programs agree on (chat(7)).
 * SPDX-License-Identifier: ISC */
#ifndef CHAT_H
#define CHAT_H

/* The descriptors of a conversation.  Before chat-join, chat-net leaves the
 * connection on 6 and 7 and chat-handshake the keys on 8 and 9.  After it, 3 and 5
 * are the user's stdin and stdout (not for chat-join -r); 4 and 6 to 9 are free. */
enum {
	CHAT_USER_IN = 3,
	CHAT_WINDOW = 4, /* lines for the window (chat-view -y) */
	CHAT_USER_OUT = 5,
	CHAT_OWN = 5, /* one's own pictures (-I) for it */
	CHAT_NET_IN = 6,
	CHAT_NET_OUT = 7,
	CHAT_KEY_OPEN = 8, /* opens what the peer sends */
	CHAT_KEY_SEAL = 9
};

#define CHAT_USER_FILE "/dev/fd/3" /* CHAT_USER_IN where it is a file */

/* The variables, each set by a program for those after it. */
#define CHAT_ROLE "CHAT_ROLE" /* chat-net: initiator or responder */
#define CHAT_HOST "CHAT_HOST" /* chat-net: the host that was called */
#define CHAT_READY_FD "CHAT_READY_FD" /* chat-net -r: a byte takes the call */
#define CHAT_ID_FD "CHAT_ID_FD" /* chat-agent: computes our X25519 */
#define CHAT_PEER "CHAT_PEER" /* chat-handshake: the peer's name, */
#define CHAT_PEERKEY "CHAT_PEERKEY" /* its key, */
#define CHAT_PURPOSE "CHAT_PURPOSE" /* and what the call is for */
#define CHAT_PATH "CHAT_PATH" /* chat-meet: lan, direct, punched, relayed */
#define CHAT_ROOM "CHAT_ROOM" /* chat-meet: the NAME whose room it was */
#define CHAT_STATE "CHAT_STATE" /* the user: where chat-link -s writes */
#define CHAT_PROGRESS "CHAT_PROGRESS" /* the script: chat-file draws a line */
#define CHAT_START_FD "CHAT_START_FD" /* chat-join -w: how the call went */

/* The user sets these two: the folder of id and peers; and whether a program
 * reports what it cannot use (a script's -v sets it). */
#define CHAT_HOME "CHAT_HOME"
#define CHAT_VERBOSE "CHAT_VERBOSE"

/* The byte that the program writes to CHAT_START_FD, once. */
enum {
	CHAT_ANSWERED = 'y',
	CHAT_UNANSWERED = 'n' /* and the user has been told so */
};

enum { CHAT_PORT = 2428 }; /* where a script calls and listens */

#endif
