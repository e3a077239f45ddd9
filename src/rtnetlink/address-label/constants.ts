/** linux/rtnetlink.h, linux/if_addrlabel.h */

export const RTM_NEWADDRLABEL = 72
export const RTM_DELADDRLABEL = 73
export const RTM_GETADDRLABEL = 74

export const IFAL_ADDRESS = 1
export const IFAL_LABEL = 2
