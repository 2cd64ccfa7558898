package issued

import (
	"fmt"
	"sync"
	"time"
)

// tally is what the tests print at their end.
var tally = counts{began: time.Now()}

type counts struct {
	sync.Mutex
	began             time.Time
	cells, legs, mesh int // what was issued for, the TLS that needs it, and that which the mesh does by itself
	tried, otherwise  int // handshakes of our client
	openssl, curl     int
	opposed           int // opinions of those two that are others
	together, apart   int // pairs of stages of a rotation that get along, and that do not
	refused           int // steps of a rotation out of their turn
	faults            int // mistakes that were told of before they failed
	live              int // servers of which certs verify --connect told
	kitsOK            int // runs of test.sh that had to pass
	kitsFailed        int // and that had to fail
	pairs, border     int // of meshes that are joined, and the TLS from one into the other
	borderTried       int // handshakes there
	borderFaults      int // mistakes of an owner there, told of by validate before they failed
	borderTraced      int // and by trace
}

func (c *counts) handshake(asForetold bool) {
	c.Lock()
	defer c.Unlock()
	c.tried++
	if !asForetold {
		c.otherwise++
	}
}

// opinion counts one, of whom it is.
func (c *counts) opinion(of *int, agrees bool) {
	c.Lock()
	defer c.Unlock()
	*of++
	if !agrees {
		c.opposed++
	}
}

func (c *counts) count(of *int) {
	c.Lock()
	defer c.Unlock()
	*of++
}

func (c *counts) print() {
	c.Lock()
	defer c.Unlock()
	if c.tried+c.kitsOK == 0 {
		return
	}
	if c.pairs > 0 {
		fmt.Printf("border     (two meshes by certs, joined, and tried) %d pairs with %d TLS from one into the other; %d handshakes of theirs, %d mistakes of an owner that validate told of before, and trace of %d\n",
			c.pairs, c.border, c.borderTried, c.borderFaults, c.borderTraced)
	}
	fmt.Printf("certs      (issued, laid into Secrets, and tried) %d scenarios with %d TLS of their own and %d of the mesh; %d handshakes, %d otherwise than foretold; openssl asked %d times, curl %d, of other opinion %d\n",
		c.cells, c.legs, c.mesh, c.tried, c.otherwise, c.openssl, c.curl, c.opposed)
	fmt.Printf("           %d faults, told of by certs verify before they failed, and %d running servers judged by it; of stages of a rotation %d pairs get along and %d do not, %d steps out of turn refused; test.sh of kits passed %d times and failed %d times, as it had to; %.1f s\n",
		c.faults, c.live, c.together, c.apart, c.refused, c.kitsOK, c.kitsFailed, time.Since(c.began).Seconds())
}
