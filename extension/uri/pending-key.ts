/** Where a wish to open a folder in its container is kept from one window to the next, in the state of all windows. */
export const pendingKey = 'berth.pendingOpen';
